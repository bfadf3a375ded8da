"""What is on air, as the conductor last saw it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from broadcaster.playout.air import Air
from broadcaster.playout.interventions import NONE, Interventions
from broadcaster.rundown.bed import BedItem
from broadcaster.rundown.events import Segment, Spot


@dataclass(frozen=True, slots=True)
class OnAirTrack:
    """The track of the bed that sounds."""

    item: BedItem
    started_at: datetime
    """When its first second sounded, or would have."""
    offset_s: float


@dataclass(frozen=True, slots=True)
class OnAirSpot:
    """The spot that sounds."""

    spot: Spot
    started_at: datetime


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

    def clock_stepped_within(self, seconds: float) -> bool:
        """Whether the clock was set a short while ago."""
        return self.stepped_at is not None and abs((self.now - self.stepped_at).total_seconds()) < seconds
