"""A rack without a player: it can be told which recordings exist, hang, or turn out to be no sound."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from broadcaster.engine.deck import Deck, Signal
from broadcaster.errors import EngineError
from broadcaster.playout.protocol import SILENT_DB


@dataclass
class FakeDeck:
    """Keeps what was done to it; ``signal`` lets a test speak as the player."""

    path: str
    offset_s: float
    volume: int
    signal: Callable[[Signal], None]
    length: float
    released: bool = False
    closed: bool = False
    volumes: list[int] = field(default_factory=list)
    """Every volume since the opening, the first one included."""

    def length_s(self) -> float:
        return self.length

    def set_volume(self, volume: int) -> None:
        self.volume = volume
        self.volumes.append(volume)

    def release(self) -> None:
        self.released = True
        if self.offset_s >= self.length:
            self.signal(Signal.ENDED)

    def close(self) -> None:
        self.closed = True
        self.signal = _deaf


def _deaf(signal: Signal) -> None:
    """A closed deck reports to nobody."""


@dataclass
class FakeRack:
    """Recordings by path, with their lengths in seconds."""

    recordings: dict[str, float]
    hanging: set[str] = field(default_factory=set)
    """Paths that stay in opening for ever, as a FIFO does."""
    refuse: bool = False
    """Whether the player makes no more decks."""
    player: str = "fake"
    output: str = "none"
    lead_s: float = 0.004
    decks: list[FakeDeck] = field(default_factory=list)

    def open(
        self, path: str, offset_s: float, volume: int, signal: Callable[[Signal], None], *, live: bool = False
    ) -> Deck:
        if self.refuse:
            raise EngineError(f"no player for {path}")
        deck = FakeDeck(path, offset_s, volume, signal, self.recordings.get(path, 0.0), volumes=[volume])
        self.decks.append(deck)
        if path not in self.hanging:
            signal(Signal.READY if path in self.recordings else Signal.BROKEN)
        return deck


def gain_of(volume: int) -> float:
    """The gain in dB at which a libVLC volume is heard; ``SILENT_DB`` for 0."""
    return 60.0 * math.log10(volume / 100.0) if volume > 0 else SILENT_DB
