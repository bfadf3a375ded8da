"""Faults of a plan: where, what is wrong, what was found there, and what to do about it, in Chinese and English."""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from broadcaster.plan.fault_texts import TEXTS

Language = Literal["zh", "en"]

_CLOSE_ENOUGH = 0.55
"""How alike two names are, by difflib's ratio, for one to be taken as a slip of the other."""

HIDDEN = "•••"
"""What stands for a secret: faults are told to everybody, also on a page without log-in."""

_SECRET_INSIDE = frozenset({"url", "heartbeat"})
_SECRET = re.compile(r"key|password|passphrase|secret|token", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. ``code`` selects its texts; ``params`` fill them."""

    code: str
    file: str = ""
    """Path relative to the home folder, with ``/``; empty where no single file is to blame."""
    line: int | None = None
    """Line in the file, from 1."""
    field: str = ""
    """Path of the entry in the file, such as ``dayparts[2].bed.playlist``."""
    value: Any = None
    """What was found there."""
    params: dict[str, Any] = dataclasses.field(default_factory=dict, compare=False, hash=False)
    blocking: bool = True
    """Whether a plan with this fault must not go on air. A broken track among good ones is told, but does not block."""
    warning: bool = False
    """Worth a look, but nothing is wrong with it as such."""

    def __post_init__(self) -> None:
        # Here, and not where it is told: whatever is made of a fault later has never seen the secret.
        if self.value is not None and is_secret(self.field):
            hidden = _without({str(self.value), shown(self.value)}, self.params)
            object.__setattr__(self, "value", HIDDEN)
            object.__setattr__(self, "params", hidden)
        elif isinstance(self.value, Mapping | list | tuple):
            object.__setattr__(self, "value", _masked(self.value))

    def message(self, language: Language = "zh") -> str:
        """What is wrong, in words."""
        return self._text(language, 0)

    def remedy(self, language: Language = "zh") -> str:
        """What to do about it, in words."""
        return self._text(language, 1)

    def _text(self, language: Language, part: int) -> str:
        template = TEXTS[self.code][0 if language == "zh" else 1][part]
        return template.format(value=shown(self.value), **self.params)

    @property
    def place(self) -> str:
        """``config/programme.yaml:12: dayparts[2].level``, as far as known."""
        where = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(part for part in (where, self.field) if part)

    def __str__(self) -> str:
        value = "" if self.value is None else f" = {shown(self.value)}"
        zh = f"{self.message('zh')} {self.remedy('zh')}".strip()
        en = f"{self.message('en')} {self.remedy('en')}".strip()
        return f"{self.place}{value}: {zh} / {en}"

    def as_json(self) -> dict[str, Any]:
        """The form of ``check --json``; ``message`` and ``remedy`` are Chinese, with an English twin beside."""
        return {
            "severity": "warning" if self.warning else "fault",
            "code": self.code,
            "file": self.file or None,
            "line": self.line,
            "field": self.field or None,
            "value": None if self.value is None else shown(self.value),
            "message": self.message("zh"),
            "remedy": self.remedy("zh"),
            "message_en": self.message("en"),
            "remedy_en": self.remedy("en"),
        }


_SECRET_PLACE = re.compile(r"(?:^|\.)alerts(?:$|[.\[])")
_PLAIN_ALERTS = frozenset({"name", "language", "least", "repeat", "per_hour", "every", "from"})


def is_secret(field: str) -> bool:
    """Whether an entry may hold a secret: by its last name that of a key or a password, perhaps misspelt around it;
    or among the alerts, whose addresses may be used by whoever knows them, and not one of their plain settings."""
    last = field.rpartition(".")[2]
    if _SECRET.search(last) is not None:
        return True
    return _SECRET_PLACE.search(field) is not None and last not in _PLAIN_ALERTS


def _masked(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            name: HIDDEN if is_secret(str(name)) or name in _SECRET_INSIDE else _masked(one)
            for name, one in value.items()
        }
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_masked(one) for one in value]
    return value


def _without(secrets: set[str], params: Mapping[str, Any]) -> dict[str, Any]:
    """The words around a secret, which may quote it."""
    clean = dict(params)
    for name, one in params.items():
        if isinstance(one, str):
            for secret in filter(None, secrets):
                clean[name] = str(clean[name]).replace(secret, HIDDEN)
        elif str(one) in secrets:
            clean[name] = HIDDEN
    return clean


def shown(value: Any) -> str:
    """A value as it is shown in a message: short, and on one line."""
    text = value if isinstance(value, str) else repr(value)
    text = " ".join(text.split())
    text = text if len(text) <= 60 else text[:57] + "..."
    return f'"{text}"' if isinstance(value, str) else text


def nearest(word: object, known: Iterable[str]) -> str | None:
    """The known word that this one is probably a slip of."""
    found = difflib.get_close_matches(str(word), sorted(known), n=1, cutoff=_CLOSE_ENOUGH)
    return found[0] if found else None


def did_you_mean(word: object, known: Iterable[str]) -> tuple[str, str]:
    """A hint in Chinese and English: the nearest known word, or else all there are."""
    names = sorted(known)
    if near := nearest(word, names):
        return f"您是不是想写 “{near}”?", f"Did you mean “{near}”?"
    if names:
        listed = ", ".join(names[:12])
        return f"现有的是:{listed}。", f"There are: {listed}."
    return "现在一个也没有。", "There are none yet."
