"""How long an announcement will last, when it is not rendered yet."""

from __future__ import annotations

from dataclasses import dataclass

from broadcaster.voice.text import hanzi_in

_CHIME_S = 2.7
"""A chime of 2.2 s and the half second after it."""
_MARKS = frozenset("。！？!?；;，,、：:\n")
_LEAST_S = 1.0
_MEASURED_AT = 0.9
"""The speed at which the paces were measured."""


@dataclass(frozen=True, slots=True)
class _Pace:
    """Seconds for each sign of a text, measured on notices of a store at the usual speed."""

    hanzi: float
    letter: float
    digit: float
    mark: float


_NEURAL = _Pace(hanzi=0.185, letter=0.10, digit=0.27, mark=0.26)
_PACES = {"pyttsx3": _Pace(hanzi=0.33, letter=0.085, digit=0.35, mark=0.29)}


def estimate_s(
    text: str, repeat: int, pause_s: float, chime: bool, *, engine: str | None = None, speed: float = _MEASURED_AT
) -> float:
    """Seconds, by counting. Never below 1. ``engine`` is who will speak; None is the neural voice."""
    pace = _PACES.get(engine or "", _NEURAL)
    hanzi = hanzi_in(text)
    digits = sum(character.isdigit() for character in text)
    letters = sum(character.isalpha() for character in text) - hanzi
    marks = sum(character in _MARKS for character in text)
    words_s = pace.hanzi * hanzi + pace.letter * letters + pace.digit * digits + pace.mark * marks
    words_s *= _MEASURED_AT / speed
    readings = max(1, repeat)
    return max(_LEAST_S, words_s * readings + pause_s * (readings - 1) + (_CHIME_S if chime else 0.0))
