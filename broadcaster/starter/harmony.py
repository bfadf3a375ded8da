"""Chords by number, as studio players write them, and voicings that move as little as they can.

A chord is a degree of the scale, a quality and, after a slash, the degree in the bass: ``1``, ``6m7``, ``5/7``,
``2/#4``, ``57`` (a dominant seventh on 5). In minor, degree 3 is the minor third: ``3maj7`` is what it says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

SCALES: dict[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
}
"""Semitones above the tonic of the degrees 1 to 7."""

_QUALITIES: dict[str, tuple[int, ...]] = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "7": (0, 4, 7, 10),
    "m7": (0, 3, 7, 10),
    "maj7": (0, 4, 7, 11),
    "m9": (0, 3, 7, 10, 2),
    "add9": (0, 4, 7, 2),
    "sus": (0, 5, 7),
    "7sus": (0, 5, 7, 10),
    "hd": (0, 3, 6, 10),
}
_DEGREE = re.compile(r"([b#]?)([1-7])$")
_CHORD = re.compile(r"([b#]?[1-7])([a-z0-9]*)(?:/([b#]?[1-7]))?$")


@dataclass(frozen=True, slots=True)
class Chord:
    """Pitch classes (0..11, C is 0), the first of them the root."""

    tones: tuple[int, ...]
    bass: int


def degree(text: str, scale: Sequence[int]) -> int:
    """Semitones above the tonic of ``5``, ``#4`` or ``b6``. Raises ``ValueError`` on anything else."""
    found = _DEGREE.match(text)
    if found is None:
        raise ValueError(f"not a degree of the scale: {text!r}")
    return scale[int(found[2]) - 1] + {"": 0, "b": -1, "#": 1}[found[1]]


def chord(text: str, tonic: int, scale: Sequence[int]) -> Chord:
    """Read a chord. Raises ``ValueError`` if it is none."""
    found = _CHORD.match(text)
    if found is None or found[2] not in _QUALITIES:
        raise ValueError(f"not a chord: {text!r}")
    root = (tonic + degree(found[1], scale)) % 12
    bass = root if found[3] is None else (tonic + degree(found[3], scale)) % 12
    return Chord(tuple((root + step) % 12 for step in _QUALITIES[found[2]]), bass)


def voicings(harmony: Chord, voices: int, center: int) -> list[tuple[int, ...]]:
    """Close and open positions of a chord around a MIDI pitch, each from low to high."""
    tones = list(harmony.tones)
    if len(tones) > voices:
        tones = tones[1:] if len(tones) - voices == 1 else [tones[1], *tones[3:], tones[2]][:voices]
    found = []
    for turn in range(len(tones)):
        for low in range(center - 11, center + 2):
            if low % 12 != tones[turn]:
                continue
            stack = [low]
            ordered = sorted((pc - low) % 12 for pc in tones)
            stack = [low + step for step in ordered]
            while len(stack) < voices:
                stack.append(stack[len(stack) - len(tones)] + 12)
            found.append(tuple(stack))
            if voices >= 4:
                found.append(tuple(sorted((*stack[:-2], stack[-2] - 12, stack[-1]))))
    return found


def lead_voices(harmonies: Sequence[Chord], voices: int, center: int) -> list[tuple[int, ...]]:
    """One voicing a chord, each the nearest to the one before that does not wander from ``center``."""
    chosen: list[tuple[int, ...]] = []
    for harmony in harmonies:
        before = chosen[-1] if chosen else None

        def cost(position: tuple[int, ...], before: tuple[int, ...] | None = before) -> float:
            moved = sum(abs(a - b) for a, b in zip(position, before, strict=True)) if before else 0
            muddy = sum(3 for low, high in pairwise(position) if high - low < 3 and low < 53)
            return moved + 1.2 * abs(sum(position) / len(position) - center) + muddy

        chosen.append(min(voicings(harmony, voices, center), key=cost))
    return chosen


def nearest(pitch_class: int, around: float) -> int:
    """The MIDI pitch of a pitch class that lies nearest to ``around``."""
    low = round(around) - 6
    return low + (pitch_class - low) % 12
