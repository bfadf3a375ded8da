"""What a compiled day is made of. All instants are aware, in UTC; all values are frozen."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from broadcaster.plan.calendar import Day
from broadcaster.plan.faults import Fault
from broadcaster.plan.models import BedRule, Lateness, Names, Priority, Timing
from broadcaster.plan.plan import Clip


@dataclass(frozen=True, slots=True)
class Segment:
    """A daypart on this date."""

    start: datetime
    end: datetime
    daypart: str
    title: Names
    bed: BedRule | None
    """None is deliberate silence."""
    level: str | None
    dial: float | None
    gain_db: float | None
    source: str
    """Name of its source in the plan."""

    @property
    def duration_s(self) -> float:
        """Seconds from start to end."""
        return (self.end - self.start).total_seconds()


@dataclass(frozen=True, slots=True)
class Spot:
    """One thing aired once, at a planned instant."""

    id: str
    """Stable: made of the date, the rule and the time asked for, so that a moved spot is still the same."""
    at: datetime
    duration_s: float
    """Chime, readings and pauses."""
    kind: str
    """``script`` or ``notice``."""
    ref: str
    title: Names
    repeat: int
    priority: Priority
    daypart: str
    lateness: Lateness
    rule: str
    source: str
    level: str
    dial: float
    gain_db: float
    bed: str
    """``duck`` or ``stop``."""
    path: str | None
    key: str
    """Content hash of its sound."""
    moved_from: datetime | None = None

    @property
    def end(self) -> datetime:
        """When it is over if it starts on time."""
        return self.at + timedelta(seconds=self.duration_s)


@dataclass(frozen=True, slots=True)
class Dropped:
    """A spot that found no place."""

    rule: str
    title: Names
    at: datetime
    """The instant that it was meant for."""
    reason: Names
    source: str
    outside: bool = False
    """It lay outside all dayparts: a fault rather than a conflict."""


@dataclass(frozen=True, slots=True)
class Notice:
    """An approved notice, as far as the compiler needs it. It airs by its own timing, or joins a rotation."""

    id: str
    title: Names
    clip: Clip
    first: date
    last: date
    timing: Timing | None = None
    rotation: str | None = None
    read: int = 1
    level: str | None = None


@dataclass(frozen=True, slots=True)
class Airing:
    """One past airing, for fair turns."""

    ref: str
    day: date


@dataclass(frozen=True)
class Rundown:
    """Everything that should air on one date."""

    date: date
    tz: ZoneInfo
    day: Day
    segments: tuple[Segment, ...]
    spots: tuple[Spot, ...]
    dropped: tuple[Dropped, ...] = ()
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()
    notes: dict[str, str] = field(default_factory=dict, compare=False)

    @cached_property
    def _starts(self) -> list[datetime]:
        return [segment.start for segment in self.segments]

    @cached_property
    def _spot_starts(self) -> list[datetime]:
        return [spot.at for spot in self.spots]

    def segment_at(self, instant: datetime) -> Segment | None:
        """The segment that an instant lies in; None outside programme time."""
        index = bisect_right(self._starts, instant) - 1
        if index >= 0 and instant < self.segments[index].end:
            return self.segments[index]
        return None

    def spot_at(self, instant: datetime) -> Spot | None:
        """The spot that should be speaking at an instant if all start on time."""
        index = bisect_right(self._spot_starts, instant) - 1
        if index >= 0 and instant < self.spots[index].end:
            return self.spots[index]
        return None

    def spots_between(self, start: datetime, end: datetime) -> tuple[Spot, ...]:
        """Spots planned to start from ``start`` up to but not at ``end``."""
        starts = self._spot_starts
        low = bisect_right(starts, start - timedelta(microseconds=1))
        high = bisect_right(starts, end - timedelta(microseconds=1))
        return self.spots[low:high]
