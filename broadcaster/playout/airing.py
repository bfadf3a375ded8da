"""The spot that the voice is busy with."""

from __future__ import annotations

from dataclasses import dataclass

from broadcaster.playout.air import SpotOfDay
from broadcaster.playout.journal import Line
from broadcaster.playout.protocol import Load
from broadcaster.playout.timebase import Timebase
from broadcaster.rundown.events import Spot


@dataclass(frozen=True, slots=True)
class SpotSounding:
    """The spot that sounds."""

    spot: Spot
    start_at: float
    """Monotonic instant of its first second."""
    offset_s: float
    """Where in it the sound began."""


@dataclass(slots=True)
class Airing:
    """From its preparation to its end. Owned by the conductor's thread."""

    deck: str
    one: SpotOfDay
    start_at: float
    """Monotonic instant at which the spot's first second sounds, or would have sounded."""
    offset_s: float = 0.0
    reason: str = ""
    """Why it does not air whole and on time."""
    armed: Line[bool] | None = None
    """That it was taken on, in the log; None where the log had it already."""
    noted: Line[bool] | None = None
    """That it is commanded, in the log, where this stands before it is."""
    commanded: bool = False
    sounding: bool = False
    heard: bool = False
    """Whether any of it sounded, also from an earlier engine or by an earlier daemon."""
    depth_db: float = 0.0

    @property
    def spot(self) -> Spot:
        return self.one.spot

    def begun(self, base: Timebase) -> bool:
        """Whether it sounds, or may do so: the engine's word of it can be on its way."""
        return self.sounding or (self.commanded and self.release_at <= base.mono)

    @property
    def release_at(self) -> float:
        """Monotonic instant of the first sample that really sounds."""
        return self.start_at + self.offset_s

    @property
    def end_at(self) -> float:
        return self.start_at + self.spot.duration_s

    @property
    def refused(self) -> bool:
        """Whether the log answered, perhaps late, that it aired before or never will."""
        return self.armed is not None and not self.armed.told

    @property
    def in_log_as_commanded(self) -> bool:
        """Whether the log has it as commanded, from before or by now, or will once it is written."""
        return self.armed is None or self.noted is not None

    @property
    def waits_for_log(self) -> bool:
        """Whether only the log's word that it is commanded is missing."""
        return self.noted is not None and not self.noted.written and not self.commanded

    def load(self) -> Load:
        """The command that prepares it from its offset on."""
        spot = self.spot
        return Load(
            deck=self.deck,
            bus="voice",
            path=spot.path or "",
            gain_db=spot.gain_db,
            offset_s=self.offset_s,
            duration_s=spot.duration_s,
            fade_in_s=0.03 if self.offset_s else 0.0,
        )
