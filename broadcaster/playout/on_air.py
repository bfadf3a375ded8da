"""What is on air, as the conductor last saw it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from broadcaster.clock import Clock
from broadcaster.playout.air import Air
from broadcaster.playout.gate import Phase
from broadcaster.playout.hearing import DEAF, Hearing
from broadcaster.playout.interventions import NONE, Interventions
from broadcaster.rundown.bed import BedItem
from broadcaster.rundown.events import Segment, Spot


class LogLine(Protocol):
    """The entry that a log gives to what sounds, perhaps later: see :class:`broadcaster.playout.journal.TrackLine`."""

    entry: int | None
    withheld: bool


@dataclass(frozen=True, slots=True)
class OnAirTrack:
    """The track of the bed that sounds."""

    item: BedItem
    started_at: datetime
    """When its first second sounded, or would have."""
    entry: int | None = None
    """Its number in the as-run log, where it took one."""
    mono: float = 0.0
    """Monotonic instant at which its first second sounded, or would have."""
    released_at: float = 0.0
    """Monotonic instant of the first sample that really sounded: later than ``mono`` if it was joined."""
    line: LogLine | None = None
    """Its line in the log, whose number may come after its end."""


@dataclass(frozen=True, slots=True)
class OnAirSpot:
    """The spot that sounds."""

    spot: Spot
    started_at: datetime
    """When its first second sounded, or would have."""
    mono: float = 0.0
    """The same on the monotonic clock."""
    offset_s: float = 0.0
    """Where in it the sound began: beyond 0 it was joined late."""


Rung = Literal["none", "track", "next", "engine", "output", "fallback", "alert"]
"""How far the silence ladder was walked up."""


@dataclass(frozen=True, slots=True)
class OnAirCall:
    """An emergency or a live page, which goes before everything that is planned."""

    kind: Literal["emergency", "live"]
    id: int
    """Number of the intervention."""
    title_zh: str
    title_en: str
    since: datetime
    sounding: bool
    """Whether its first sample was released."""
    silent: bool = False
    """A fire alarm of the building without a message of ours: everything is silent."""
    fire: bool = False
    """The building's own alarm called it."""
    who: str = ""
    """Whose name people read."""
    reason: str = ""
    entry: int | None = None
    """Number in the as-run log of what sounds of it now."""
    mono: float = 0.0
    """Monotonic instant at which that was released."""
    path: str = ""
    """Its prepared recording; empty for who speaks live."""
    gain_db: float = 0.0
    text: str = ""
    """The words of an emergency message, a line for each of its recordings; empty for who speaks live."""
    line: LogLine | None = None
    """Its line in the log, whose number may come after its end."""


@dataclass(frozen=True, slots=True)
class OnAir:
    """One moment of the air."""

    now: datetime
    air: Air | None = None
    segment: Segment | None = None
    track: OnAirTrack | None = None
    spot: OnAirSpot | None = None
    bed_depth_db: float = 0.0
    engine: Literal["ok", "starting", "lost"] = "starting"
    stepped_at: datetime | None = None
    """When the clock was last set, if it was."""
    log_trouble: str = ""
    interventions: Interventions = NONE
    """What people did by hand, as the conductor was last told."""
    hearing: Hearing = DEAF
    """What the ear last said."""
    rung: Rung = "none"
    dead_air_s: float = 0.0
    """Seconds of the present unplanned silence; 0 where it sounds, or should not."""
    output: str = "default"
    """The device that the engine plays to."""
    output_missing: str = ""
    """The device that the plan names, while it is not there."""
    call: OnAirCall | None = None
    mono: float | None = None
    """The same moment on the monotonic clock."""
    gate: Phase = "open"
    """Shut while the other PC has the air."""

    def clock_stepped_within(self, seconds: float) -> bool:
        """Whether the clock was set a short while ago."""
        return self.stepped_at is not None and abs((self.now - self.stepped_at).total_seconds()) < seconds

    def age_s(self, clock: Clock) -> float:
        """Seconds since the conductor saw it; a clock that is set makes it no older."""
        if self.mono is not None:
            return clock.mono() - self.mono
        return abs((clock.now() - self.now).total_seconds())
