"""What a compiled day is made of. All instants are aware, in UTC; all values are frozen."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from broadcaster.plan.calendar import Day
from broadcaster.plan.faults import Fault
from broadcaster.plan.models import BedRule, DayCondition, Lateness, Names, Priority, Timing
from broadcaster.plan.plan import Clip

DESK = "desk"
"""The rule of what people put on air by hand."""

MAKE_GOOD = Lateness(rule="make_good")


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


class Spot(NamedTuple):
    """One thing aired once, at a planned instant.

    A tuple, for a day has hundreds: a frozen dataclass of so many fields takes four times as long to make.
    """

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
    vendor: str | None = None
    text: str = ""
    """What it says, where that is no script's own text: a notice, or a script made for this hour."""
    by: str = ""
    """Who put it on air by hand; then ``rule`` is ``desk``."""

    gives_way: bool = False
    """Whether it ends before its words do, for something urgent."""

    @property
    def end(self) -> datetime:
        """When it is over if it starts on time."""
        return self.at + timedelta(seconds=self.duration_s)


class Dropped(NamedTuple):
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
    """An approved notice, as far as the compiler needs it: airs by its own timing, at moments, or in a rotation.

    Revisions of one notice share its id; no two of them hold at one instant.
    """

    id: str
    title: Names
    clip: Clip
    first: date
    last: date
    timing: Timing | None = None
    rotation: str | None = None
    read: int = 1
    level: str | None = None
    vendor: str | None = None
    """Whose it is; in a rotation no vendor speaks twice in a row while another waits."""
    weight: float = 1.0
    """Its share of a rotation's turns, as against the other members without a contract."""
    per_day: int | None = None
    """Airings a day that a contract promises; None: by weight."""
    owed: int = 0
    """Airings of earlier days to be made good on this one (:func:`broadcaster.rundown.makegoods.owed`)."""
    since: datetime | None = None
    """From then on it may air: approved, and its recording ready."""
    until: datetime | None = None
    """From then on it may not: withdrawn, or another revision stands in its place."""
    dates: tuple[date, ...] = ()
    """Only on these, if any is given."""
    days: DayCondition | None = None
    moments: tuple[datetime, ...] = ()
    """Each asks for one airing at that instant or at the first free place after it; not before ``since``."""
    priority: Priority = "urgent"
    """Of its moments, as the three that follow; a timing has its own."""
    lateness: Lateness = MAKE_GOOD
    move_by_s: float = 3600.0
    bed: Literal["duck", "stop"] = "duck"
    text: str = ""
    """What it says."""
    by: str = ""
    """Who put it on air by hand, outside the plan."""
    speaks: tuple[Literal["script", "notice"], str] | None = None
    """What it is in rundown and log, where it is put on air by hand: kind and name. Its ``id`` is then its own."""


class Airing(NamedTuple):
    """One past airing, for fair turns."""

    ref: str
    day: date


@dataclass(frozen=True, slots=True)
class Promise:
    """What a rotation's member has a contract for on a date, and what the rundown plans of it."""

    ref: str
    title: Names
    vendor: str | None
    rule: str
    contracted: int
    """Of this date: less than a day's where the notice was ready only after its windows had begun."""
    owed: int
    planned: int


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
    promises: tuple[Promise, ...] = ()
    """In the order of the notices."""

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
