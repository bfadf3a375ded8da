"""Kills at random instants: nothing that the running daemon has acknowledged may be lost.

``python -m bench.kills [--kills 1000] [--minutes M] [--seed N] [--out FILE] [--nice 10]``: the real daemon with engine
and sound is killed with all its children (SIGKILL) over and over, three times in ten while it still starts, else while
clients submit and approve notices, publish versions of the plan and read the as-run log. What a client has had for an
answer is acknowledged; after each kill the database must be sound (``integrity_check``) and hold all of it, unchanged.
The next daemon starts meanwhile, as it would under a service manager.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import random
import signal
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TextIO

import psutil
from ruamel.yaml import YAML

from broadcaster.clock import monotonic
from broadcaster.store.database import open_database
from broadcaster.store.users import Users
from tests.lab import signals
from tests.lab.fault_home import PASSWORD, stand_in_music
from tests.lab.sink import NullSink
from tests.live_kit import Daemon, Store, all_day

EARLY = 0.3
"""The share of kills that come before the page answers."""
START_S, UP_S = 1.6, 1.2
"""Such a kill comes so long after the start at most; another so long after the page first answered."""
SPOT_EVERY_S = 60
WORDS = "请第八号顾客到一楼服务台领取物品。"


@dataclass
class Acknowledged:
    """What clients were told, by the name that it has in the database. Shared by threads."""

    notices: set[int] = field(default_factory=set)
    approved: set[int] = field(default_factory=set)
    versions: dict[int, str] = field(default_factory=dict)
    """Id and words."""
    log: dict[tuple[str, str, str], tuple[str | None, str | None]] = field(default_factory=dict)
    """(spot or track, planned, commanded) to (heard, outcome). What goes on after a kill has a row of its own."""
    lock: threading.Lock = field(default_factory=threading.Lock)


def lay_out(root: Path) -> dict[str, str]:
    """A store with much to write down; the secret of each person's token."""
    store = Store(root)
    store.lay_out(
        all_day("{playlist: hum}", "light")
        + f"spots:\n  - {{id: call, title: 呼叫, script: call, every: {SPOT_EVERY_S} s, move_by: 1 s, lateness: 3 s,\n"
        + "     windows: [{from: '00:00', to: '24:00'}]}\n"
    )
    for name in "12":
        signals.sine(root / f"playlists/hum/{name}.wav", 300 + 100 * int(name), 9)
    signals.sine(root / "announcements/call.wav", 1500, 2)
    store.write("announcements/call.yaml", "title: 呼叫\nrecording: call.wav\n")
    stand_in_music(root)
    store.prepare()
    database = open_database(root / "var/broadcaster.db")
    users = Users(database)
    people = {"li": "promo", "wang": "manager"}
    secrets = {}
    for name, role in people.items():
        secrets[name], _ = users.tokens.make(users.add(name, name, role, PASSWORD).id, "kills")
    database.dispose()
    return secrets


class Clients:
    """Three people and programs at work on one daemon until it dies."""

    def __init__(self, port: int, secrets: dict[str, str], had: Acknowledged, number: int) -> None:
        self._port = port
        self._secrets = secrets
        self._had = had
        self._number = number
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._until_over, args=(work,), daemon=True)
            for work in (self._notices, self._publish, self._versions, self._log)
        ]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(10)

    def _until_over(self, work: Callable[[], None]) -> None:
        while not self._over.is_set():
            with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
                work()
            self._over.wait(0.1)

    def _ask(self, who: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)
        with contextlib.closing(line):
            head = {"Authorization": f"Bearer {self._secrets[who]}", "Content-Type": "application/json"}
            line.request(method, f"/api/v1{path}", None if body is None else json.dumps(body), head)
            answer = line.getresponse()
            return answer.status, json.loads(answer.read())

    def _notices(self) -> None:
        day = (date(2027, 1, 1) + timedelta(days=self._number % 300)).isoformat()
        when = {"first": day, "last": day, "at": ["10:00"]}
        draft = {"title": f"第{self._number}次", "text": WORDS, "when": when, "chime": None}
        status, record = self._ask("li", "POST", "/notices", draft)
        if status != 201:
            return
        number = int(record["id"])
        with self._had.lock:
            self._had.notices.add(number)
        status, _ = self._ask("wang", "POST", f"/notices/{number}/approve", {"revision": 1})
        if status == 200:
            with self._had.lock:
                self._had.approved.add(number)

    def _publish(self) -> None:
        _, head = self._ask("wang", "GET", "/plan/tag")
        value = 20 + (self._number % 29 + 1) / 10
        edit = {"file": "config/levels.yaml", "op": "set", "path": ["levels", "speech", "nominal"], "value": value}
        body = {"tag": head["tag"], "edits": [edit], "words": f"kill {self._number}"}
        status, made = self._ask("wang", "POST", "/plan/publish", body)
        if status < 300:
            with self._had.lock:
                self._had.versions[int(made["id"])] = str(made["words"])
            self._over.wait(30)

    def _versions(self) -> None:
        _, found = self._ask("wang", "GET", "/plan/versions?limit=3")
        with self._had.lock:
            self._had.versions |= {int(one["id"]): str(one["words"]) for one in found["versions"]}

    def _log(self) -> None:
        _, found = self._ask("wang", "GET", f"/asrun/{datetime.now(UTC).date()}")
        with self._had.lock:
            for one in found["entries"]:
                if one["commanded_at"]:
                    what = str(one.get("spot_id") or one["track"])
                    name = (what, _instant(one["planned_at"]), _instant(one["commanded_at"]))
                    self._had.log[name] = (one["heard_at"], one["outcome"])
        self._over.wait(0.4)


def lost(path: Path, had: Acknowledged) -> list[str]:
    """What is wrong with the database: unsound, or without something that was acknowledged."""
    try:
        return _lost(path, had)
    except sqlite3.DatabaseError as error:
        return [f"the database can't be read: {error}"]


def _lost(path: Path, had: Acknowledged) -> list[str]:
    raw = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
    with contextlib.closing(raw), had.lock:
        found = [f"integrity: {row[0]}" for row in raw.execute("pragma integrity_check") if row[0] != "ok"]
        notices = {row[0] for row in raw.execute("select id from notices")}
        found += [f"notice {one} is gone" for one in had.notices - notices]
        approved = {row[0] for row in raw.execute("select notice from notice_approvals where verdict like 'approve%'")}
        found += [f"the approval of notice {one} is gone" for one in had.approved - approved]
        versions = dict(raw.execute("select id, words from plan_versions").fetchall())
        found += [
            f"version {one} ({words}) is gone" for one, words in had.versions.items() if versions.get(one) != words
        ]
        texts = {row[0] for row in raw.execute("select hash from plan_texts")}
        for number, files in raw.execute("select id, files from plan_versions"):
            found += [f"version {number} lacks {name}" for name, of in json.loads(files).items() if of not in texts]
        rows = raw.execute("select coalesce(spot_id, track), planned_at, commanded_at, heard_at, outcome from asrun")
        log = {
            (str(name), _instant(planned), _instant(commanded)): (heard, outcome)
            for name, planned, commanded, heard, outcome in rows
            if commanded
        }
        for name, (heard, outcome) in had.log.items():
            kept = log.get(name)
            if kept is None:
                found.append(f"the log entry {name} is gone")
            elif (heard and not kept[0]) or (outcome and outcome != kept[1]):
                found.append(f"the log entry {name} had {heard}, {outcome}; now {kept}")
    return found


def _instant(text: str) -> str:
    """Of the database, which has microseconds and no zone, and of the API alike."""
    found = datetime.fromisoformat(text)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC).isoformat(timespec="milliseconds")


def kill_tree(pid: int) -> None:
    """The process and all below it, at once."""
    with contextlib.suppress(psutil.Error):
        daemon = psutil.Process(pid)
        tree = [daemon, *daemon.children(recursive=True)]
        for one in tree:
            with contextlib.suppress(psutil.Error):
                one.kill()


def answers(daemon: Daemon, until: float) -> float | None:
    """Seconds from the start to the page's first answer; None if it was to be killed before."""
    while monotonic() < until:
        line = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=1)
        with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(line):
            line.request("GET", "/healthz")
            line.getresponse().read()
            return monotonic() - daemon.started_at
        time.sleep(0.03)
    return None


def run(root: Path, kills: int, seed: int, out: TextIO, minutes: float = 1e6) -> bool:
    """Kill so often, or until the time is over; whether nothing was lost."""
    chance = random.Random(seed)
    secrets, had = lay_out(root), Acknowledged()
    database = root / "var/broadcaster.db"
    print(f"seed {seed}, {kills} kills", file=out, flush=True)
    begun, early, failures, starts = monotonic(), 0, 0, []
    with NullSink() as sink:
        daemon = Daemon(root, sink)
        try:
            for number in range(1, kills + 1):
                soon = chance.random() < EARLY
                up = answers(daemon, daemon.started_at + (chance.uniform(0, START_S) if soon else 300))
                if up is not None:
                    starts.append(up)
                    clients = Clients(daemon.port, secrets, had, number)
                    time.sleep(chance.uniform(0.0, UP_S))
                else:
                    early += 1
                assert daemon.process is not None
                if daemon.process.poll() is not None or (up is None and not soon):
                    failures += 1
                    print(f"kill {number}: the daemon was not there: {daemon.console[-1500:]}", file=out, flush=True)
                kill_tree(daemon.process.pid)
                daemon.process.wait()
                if up is not None:
                    clients.close()
                daemon.start()
                if found := [*lost(database, had), *_aside(root)]:
                    failures += 1
                    print(f"kill {number}: LOST {found[:8]}", file=out, flush=True)
                over = monotonic() - begun > 60 * minutes
                if number % 25 == 0 or number == kills or over:
                    print(
                        f"{number} kills ({early} before the page was up), {monotonic() - begun:.0f} s: "
                        f"{len(had.notices)} notices, {len(had.approved)} approvals, {len(had.versions)} versions, "
                        f"{len(had.log)} log entries acknowledged; page up after "
                        f"{sum(starts) / max(len(starts), 1):.1f} s; failures {failures}",
                        file=out, flush=True,
                    )  # fmt: skip
                if over:
                    break
            daemon.ready(300)
            last = _last_words(root, database)
            failures += bool(last)
        finally:
            daemon.stop()
    final = lost(database, had) + last
    print(f"end: {'nothing was lost' if not final and not failures else final or f'{failures} failures'}", file=out)
    return not final and not failures


def _aside(root: Path) -> list[str]:
    """A database that the daemon gave up, or one that it wrote beside it."""
    kept = {"broadcaster.db", "broadcaster.db-wal", "broadcaster.db-shm"}
    names = {path.name for path in (root / "var").glob("broadcaster*")} - kept
    names |= {path.name for path in (root / "var/run").glob("log-in-need*")}
    return [f"there is {name}" for name in sorted(names) if ".lock" not in name and ".log" not in name]


def _last_words(root: Path, database: Path) -> list[str]:
    """The files of the plan must be those of its last version, whole."""
    with contextlib.closing(sqlite3.connect(database)) as raw:
        (files,) = raw.execute("select files from plan_versions order by id desc limit 1").fetchone()
        text = dict(raw.execute("select hash, text from plan_texts").fetchall())[
            json.loads(files)["config/levels.yaml"]
        ]
    now = (root / "config/levels.yaml").read_text("utf-8")
    YAML(typ="safe").load(now)
    return [] if text == now else ["config/levels.yaml is not that of the last version"]


def main() -> int:
    """0 if nothing was lost."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--minutes", type=float, default=1e6, help="stop after so long, with as many as there were")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--nice", type=int, default=0)
    options = parser.parse_args()
    # Ended in order also in the background, where Ctrl-C is ignored: the daemon and the sound server go with it.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(2))
    if options.nice and sys.platform != "win32":
        os.nice(options.nice)
    with contextlib.ExitStack() as parts:
        out = parts.enter_context(options.out.open("a", encoding="utf-8")) if options.out else sys.stdout
        folder = parts.enter_context(tempfile.TemporaryDirectory(prefix="kills-", ignore_cleanup_errors=True))
        return 0 if run(Path(folder), options.kills, options.seed, out, options.minutes) else 1


if __name__ == "__main__":
    sys.exit(main())
