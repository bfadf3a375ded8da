"""How far the making of sounds is, as the status tells it in a word: ``welcome (3/40)``."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORD = re.compile(r"(?P<what>.*) \((?P<done>\d+)/(?P<of>\d+)\)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class InHand:
    """What was made last, and how many are left."""

    what: str
    left: int


def told(what: str, done: int, of: int) -> str:
    """The word of the status."""
    return f"{what} ({done}/{of})"


def in_hand(word: str) -> InHand | None:
    """What :func:`told` said; None for anything else, such as nothing."""
    found = _WORD.fullmatch(word)
    return InHand(found["what"], max(0, int(found["of"]) - int(found["done"]))) if found else None
