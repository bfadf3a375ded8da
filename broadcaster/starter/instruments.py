"""The instruments by name, and their notes, kept once made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from broadcaster.starter import held, kit, struck
from broadcaster.starter.signal import Signal


@dataclass(frozen=True, slots=True)
class Instrument:
    """How to make a note of it, and how long it takes to fall silent when let go."""

    make: Callable[[int, int], Signal]
    release_s: float


def _stroke(pitch: int, touch: int) -> Signal:
    return kit.stroke(kit.STROKES[pitch // 4], pitch % 4)


INSTRUMENTS: dict[str, Instrument] = {
    "piano": Instrument(struck.piano, 0.22),
    "electric piano": Instrument(struck.electric_piano, 0.18),
    "nylon": Instrument(struck.nylon, 0.12),
    "steel": Instrument(struck.steel, 0.12),
    "harp": Instrument(struck.harp, 0.45),
    "bass": Instrument(struck.bass, 0.08),
    "marimba": Instrument(struck.marimba, 0.25),
    "vibraphone": Instrument(struck.vibraphone, 0.30),
    "celesta": Instrument(struck.celesta, 0.35),
    "flute": Instrument(held.flute, 0.11),
    "clarinet": Instrument(held.clarinet, 0.11),
    "strings": Instrument(held.strings, 0.40),
    "pad": Instrument(held.pad, 0.70),
    "kit": Instrument(_stroke, 0.02),
}


@lru_cache(maxsize=8)
def tone(name: str, pitch: int, touch: int) -> Signal:
    """One note; the array is shared, so don't write to it. A note takes a megabyte or more: ask for
    equal notes one after the other."""
    return INSTRUMENTS[name].make(pitch, touch)
