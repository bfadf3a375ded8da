"""Random requests to every deed of the API, made from its own description, and what is wrong with the answers.

Half of what is sent is as the description wants it, half is not; names in addresses are often ones that are there.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, cast

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, checks
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks as openapi_checks
from werkzeug.wsgi import ClosingIterator

from tests.fuzz_store import PEOPLE, WholeStore

NAMES = {role: name for name, _display, role in PEOPLE}
ROLES: tuple[str | None, ...] = (None, *NAMES)
#: What the API may say. 503: no voice, no air, or an office that is shut; the store of the tests has everything.
STATUSES = frozenset({200, 201, 202, 204, 400, 401, 403, 404, 405, 409, 413, 415, 422, 429})
CHECKS = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_schema_conformance,
]
#: A body that the description does not allow must not do what was asked.
STRICT = [*CHECKS, openapi_checks.negative_data_rejection]
PROBLEM = "application/problem+json"


@dataclass
class Found:
    """What became of all requests."""

    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    """By role and status."""
    wrong: dict[str, str] = field(default_factory=dict)
    """By deed and what is wrong: the first example."""
    cases: int = 0

    def table(self) -> str:
        """A line for each role."""
        codes = sorted({code for _role, code in self.statuses})
        lines = [f"{'role':12}" + "".join(f"{code:>7}" for code in codes)]
        roles = dict.fromkeys(role for role, _code in self.statuses)
        lines += [f"{role:12}" + "".join(f"{self.statuses[role, code]:7}" for code in codes) for role in roles]
        return "\n".join(lines)


class Attacker:
    """Sends as one role after another."""

    def __init__(self, store: WholeStore, number: int = 1) -> None:
        self._store = store
        self._tokens: dict[str, str] = {}
        self._random = random.Random(number)
        self._number = number
        self.found = Found()
        self.schema = schemathesis.openapi.from_wsgi("/api/openapi.json", _closing(store.app))

    def deeds(self) -> list[Any]:
        """Every operation of the description."""
        return [cast(Any, found).ok() for found in self.schema.get_all_operations()]

    def run(self, cases: int, roles: Sequence[str | None] = ROLES, *, paths: Iterable[str] = ()) -> Found:
        """About so many requests in all, spread over the deeds (or only those of ``paths``) and roles."""
        deeds = [deed for deed in self.deeds() if not paths or deed.path in set(paths)]
        each = max(1, round(cases / len(deeds)))
        for place, deed in enumerate(deeds):
            self._of(deed, each, roles, place)
        return self.found

    def _of(self, deed: Any, count: int, roles: Sequence[str | None], turn: int) -> None:
        ways = st.sampled_from(list(GenerationMode))
        kinds = {mode: deed.as_strategy(generation_mode=mode) for mode in GenerationMode}
        sent = 0

        @seed(self._number * 1009 + turn)
        @settings(
            max_examples=count, database=None, deadline=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(st.data(), ways, st.integers(0, 3))
        def send(data: st.DataObject, mode: GenerationMode, known: int) -> None:
            nonlocal sent
            # What has neither parameters nor a body can't be sent wrongly: hypothesis then tries another way.
            case = data.draw(kinds[mode])
            if sent < count:
                self._send(case, roles[(turn + sent) % len(roles)], well=known > 0, mode=mode)
            sent += 1

        send()

    def _send(self, case: Case[Any], role: str | None, *, well: bool, mode: GenerationMode) -> None:
        if well:
            self._improve(case)
        headers = {"Authorization": f"Bearer {self._token(role)}"} if role else {}
        for name in [name for name in case.headers or {} if name.lower() in ("authorization", "cookie", "host")]:
            del case.headers[name]
        label = f"{case.method} {case.operation.path}"
        try:
            answer = case.call(headers=headers, cookies={})
        except Exception as error:  # an application that raises is what is looked for
            self._wrong(label, f"raised {type(error).__name__}: {error}", case)
            return
        self.found.cases += 1
        self.found.statuses[role or "nobody", answer.status_code] += 1
        kind = answer.headers.get("content-type", [""])[0].partition(";")[0]
        if answer.status_code not in STATUSES:
            self._wrong(label, f"status {answer.status_code} {answer.text[:300]}", case)
        if answer.status_code >= 400 and kind != PROBLEM and case.operation.path != "/healthz":
            self._wrong(label, f"{answer.status_code} as {kind}", case)
        try:
            # What was made right by hand is no longer known to be wrong; what is too large is refused unread; and a
            # name after the question mark with nothing behind it, as a form sends it, is one not given.
            blank = "" in (case.query or {}).values()
            lenient = well or blank or mode is GenerationMode.POSITIVE or answer.status_code == 413
            case.validate_response(answer, checks=CHECKS if lenient else STRICT)
        except FailureGroup as group:
            for failure in group.exceptions:
                self._wrong(label, _told(failure), case)

    def _wrong(self, label: str, words: str, case: Case[Any]) -> None:
        kind = words.partition("\n")[0][:120]
        body = repr(case.body)[:300]
        self.found.wrong.setdefault(
            f"{label}: {kind}", f"{words}\n{case.path_parameters} {case.query} {case.media_type} {body}"
        )

    def _token(self, role: str) -> str:
        """A token of somebody who has this role: whatever was done to the account meanwhile is put right."""
        users, name = self._store.users, NAMES[role]
        account = users.get(name)
        assert account is not None
        if not account.active:
            users.set_active(name, True)
        if account.role != role:
            users.set_role(name, role)
        if account.must_change:
            users.set_password(name, "correct-horse-9")
        secret = self._tokens.get(role)
        if secret is None or users.tokens.find(secret) is None:
            for old in users.tokens.of(account.id):
                users.tokens.end(account.id, old.id)
            self._tokens[role], _ = users.tokens.make(account.id, "fuzz")
        return self._tokens[role]

    def _improve(self, case: Case[Any]) -> None:
        """Names of things that are there, so that more than the first door is tried."""
        path = case.operation.path
        for name in case.path_parameters or {}:
            known = self._known(path, name)
            if known:
                case.path_parameters[name] = self._random.choice(known)
        if isinstance(case.body, dict):
            for name, values in self._bodies(path).items():
                if name in case.body or self._random.random() < 0.5:
                    case.body[name] = self._random.choice(values())

    def _known(self, path: str, name: str) -> Sequence[Any]:
        store, of = self._store, path.split("/")[3] if path.count("/") > 2 else ""
        media = store.media
        if name == "key":
            return [track.key for one in media.playlists() for track in one.tracks] or ["x"]
        if name == "upload":
            return [one.id for one in media.uploads()] or ["1"]
        table: dict[tuple[str, str], Sequence[Any]] = {
            ("people", "name"): list(NAMES.values()),
            ("playlists", "name"): ["evening", "light", "english"],
            ("scripts", "name"): ["welcome-speech", "event-service", "weather"],
            ("forms", "name"): ["lost-child", "lost-property-found", "car-moved"],
            ("bin", "binned"): [one.id for one in media.bin()] or ["x"],
        }
        plain: dict[str, Sequence[Any]] = {
            "number": range(1, 6), "date": ["2026-11-28", "2026-11-29", "2026-12-24", "2027-02-06"],
            "day": ["2026-11-28", "2026-11-30"], "year": [2026, 2027], "vendor": ["tata", "oppein"],
            "local_time": ["10:00", "10:45:00", "2026-11-28T10:00"], "word": ["重", "TATA"],
        }  # fmt: skip
        return table.get((of, name)) or plain.get(name, ())

    def _bodies(self, path: str) -> dict[str, Callable[[], Sequence[Any]]]:
        room = self._store.room
        if path.endswith(("plan/try", "plan/publish")):
            edits = [
                {"file": "config/programme.yaml", "op": "set", "path": ["dayparts", 4, "to"], "value": "10:10"},
                {"file": "config/programme.yaml", "op": "remove", "path": ["spots", 0]},
                {"file": "config/levels.yaml", "op": "set", "path": ["levels", "light", "range"], "value": [22, 26]},
                {"file": "config/station.yaml", "op": "set", "path": ["name", "en"], "value": "A store"},
                {"file": "../outside.yaml", "op": "set", "path": ["x"], "value": 1},
                {"file": "config/calendar.yaml", "op": "insert", "path": ["dates", "2026-12-01"], "value": {}},
            ]
            return {"tag": lambda: [room.tag()], "edits": lambda: [[edit] for edit in edits]}
        if path.endswith("air/skip"):
            on_air = self._store.loop.on_air()
            track = on_air.track.item.id if on_air and on_air.track else "x"
            return {"what": lambda: ["track"], "target": lambda: [track]}
        if path.endswith("air/play"):
            return {"kind": lambda: ["script", "notice"], "ref": lambda: ["welcome-speech", "notice-2", "notice-1"]}
        if path.endswith("air/trim"):
            return {"level": lambda: ["light", "speech", "welcome"]}
        if path.endswith(("/approve", "/reject", "/withdraw")):
            return {"revision": lambda: [1, 2]}
        return {}


def _closing(app: Any) -> Any:
    """The app behind what a server does and a test's transport forgets: to close what it sent."""

    def whole(environ: dict[str, Any], start: Any) -> list[bytes]:
        with closing(ClosingIterator(app(environ, start))) as answer:
            return [b"".join(answer)]

    return whole


def _told(failure: BaseException) -> str:
    return f"{failure.title}: {failure.message}"[:600] if isinstance(failure, Failure) else str(failure)[:600]


def same_but(before: dict[str, Any], after: dict[str, Any], may: Iterable[str] = ()) -> list[str]:
    """Names of what differs though it may not."""
    names = {*before, *after} - set(may)
    return sorted(name for name in names if before.get(name) != after.get(name))


__all__ = ["ROLES", "Attacker", "Found", "same_but"]
