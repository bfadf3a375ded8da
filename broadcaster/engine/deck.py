"""What the mixer asks of a player: one deck for one recording, used once.

:class:`~broadcaster.engine.vlc_deck.VlcRack` makes real decks, the tests' ``FakeRack`` pretends; one suite
of tests holds both to this contract.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Protocol


class Signal(Enum):
    """What a deck reports, from whatever thread its player uses."""

    READY = "ready"
    """Prepared and paused at its offset; comes once, before any release."""
    ENDED = "ended"
    """The player says that nothing more comes: at the end of the recording, or because it gave up in silence."""
    BROKEN = "broken"
    """The player says that it can't play this."""


class Deck(Protocol):
    """One recording on one player. All methods are for the playout thread and return without waiting."""

    def length_s(self) -> float:
        """Length of the recording as the player understood it; 0.0 when it found no sound. Asked once READY."""
        ...

    def set_volume(self, volume: int) -> None:
        """Set libVLC's volume, 0..100; holds from the next frame that is handed to the output."""
        ...

    def release(self) -> None:
        """Let it sound: the first sample comes the rack's ``lead_s`` later. Asked once, when READY."""
        ...

    def close(self) -> None:
        """Stop and give everything back. No signal follows."""
        ...


class Rack(Protocol):
    """Makes decks on one output."""

    player: str
    """The player library and its version."""
    output: str
    """The output module."""
    lead_s: float
    """Time from a release to the first sample that sounds, in seconds."""

    def open(
        self, path: str, offset_s: float, volume: int, signal: Callable[[Signal], None], *, live: bool = False
    ) -> Deck:
        """Begin to prepare a recording, paused at ``offset_s``; READY or BROKEN follows, or never anything.

        With ``live`` the path is the address of a stream of samples (:mod:`broadcaster.calls.live_stream`): it is not
        paused, READY means that it sounds as soon as samples come, and its end is ENDED.

        ``signal`` is called on any thread and must not call the deck. Raises ``EngineError`` when the player refuses.
        """
        ...
