"""What a correction of a doubtful reading would be entered as.

An entry of the lexicon holds wherever its word stands. A character with several readings is therefore corrected
together with its neighbours: 重 alone would change every 重要 along with the 重装 that was meant.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from broadcaster.voice.reading.model import Doubt, Reading


@dataclass(frozen=True, slots=True)
class Correction:
    """A doubt, the word to enter for it, and what the word may be read as: shown choice and whole reading."""

    doubt: Doubt
    word: str
    readings: tuple[tuple[str, str], ...]


def corrections(reading: Reading) -> tuple[Correction, ...]:
    """For each doubt, in their order."""
    return tuple(_correction(reading, doubt) for doubt in reading.doubts)


def _correction(reading: Reading, doubt: Doubt) -> Correction:
    if doubt.code == "polyphone" and len(doubt.text) == 1:
        for word, syllables, at in _around(reading, doubt):
            readings = ((choice, [*syllables[:at], choice, *syllables[at + 1 :]]) for choice in doubt.choices)
            return Correction(doubt, word, tuple((choice, " ".join(whole)) for choice, whole in readings))
    return Correction(doubt, doubt.text, tuple((choice, choice) for choice in doubt.choices))


def _around(reading: Reading, doubt: Doubt) -> Iterator[tuple[str, list[str], int]]:
    """Words of two or more characters with the doubtful one: the one of the dictionary, then with a neighbour."""
    pieces = reading.pinyin
    spoken = [(character, sound) for piece in pieces for character, sound in _characters(*piece)]
    text = "".join(character for character, _sound in spoken)
    place = _same_place(reading.source, doubt.start, text, doubt.text)
    if place is None:
        return
    ends = list(accumulate(len(piece) for piece, _pinyin in pieces))
    whole = next((end - len(piece), end) for (piece, _pinyin), end in zip(pieces, ends, strict=True) if place < end)
    for start, end in (whole, (place, place + 2), (place - 1, place + 1)):
        part = spoken[max(0, start) : end]
        # What was written otherwise (a number, a brand) would not be found again as an entry.
        if start >= 0 and len(part) > 1 and all(sound for _one, sound in part) and text[start:end] in reading.source:
            yield text[start:end], [sound for _one, sound in part], place - start


def _characters(piece: str, pinyin: str) -> list[tuple[str, str]]:
    sounds = pinyin.split()
    if len(sounds) == len(piece):
        return list(zip(piece, sounds, strict=True))
    return [(character, "") for character in piece]


def _same_place(source: str, at: int, text: str, character: str) -> int | None:
    """Where the character of the author's text stands in the spoken one: the same one of its like, if all are there."""
    if source.count(character) != text.count(character):
        return None
    place = -1
    for _turn in range(source[: at + 1].count(character)):
        place = text.index(character, place + 1)
    return place
