"""How long an announcement will last, when it is not rendered yet."""

from __future__ import annotations

from broadcaster.voice.text import hanzi_in

_CHIME_S = 2.7
"""A chime of 2.2 s and the half second after it."""
_PER_HANZI_S = 0.33
_PER_LETTER_S = 0.085
_PER_DIGIT_S = 0.35
_PER_MARK_S = 0.29
_MARKS = frozenset("。！？!?；;，,、：:\n")
_LEAST_S = 1.0


def estimate_s(text: str, repeat: int, pause_s: float, chime: bool) -> float:
    """Seconds, by counting: what espeak needs at the rate of 140, measured on notices of a store. Never below 1."""
    hanzi = hanzi_in(text)
    digits = sum(character.isdigit() for character in text)
    letters = sum(character.isalpha() for character in text) - hanzi
    marks = sum(character in _MARKS for character in text)
    words_s = _PER_HANZI_S * hanzi + _PER_LETTER_S * letters + _PER_DIGIT_S * digits + _PER_MARK_S * marks
    readings = max(1, repeat)
    return max(_LEAST_S, words_s * readings + pause_s * (readings - 1) + (_CHIME_S if chime else 0.0))
