"""What should be on air around now: the rundowns of the dates that matter, asked as one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from broadcaster.plan.plan import Plan
from broadcaster.rundown.bed import BedItem, BedSkip, bed_between
from broadcaster.rundown.events import Notice, Rundown, Segment, Spot
from broadcaster.rundown.trimming import trimmed

Compile = Callable[[date], Rundown]
NoticesOf = Callable[[date], Sequence[Notice]]


@dataclass(frozen=True, slots=True)
class SpotOfDay:
    """A spot with the date of its rundown."""

    day: date
    spot: Spot


class Air:
    """One plan, compiled a date at a time as the day goes on."""

    def __init__(self, plan: Plan, since: datetime, compile_day: Compile, notices: NoticesOf = lambda on: ()) -> None:
        self.plan = plan
        self._notices = notices
        self.since = since
        """When the plan took hold: spots planned earlier were never due under it."""
        self._compile = compile_day
        self._approved: dict[date, tuple[Notice, ...]] = {}
        self._trims: Mapping[str, float] = {}
        self._compiled: dict[date, Rundown] = {}
        self._days: dict[date, Rundown] = {}
        """At the levels that hold now."""
        self._spots: dict[date, tuple[SpotOfDay, ...]] = {}

    def day(self, on: date) -> Rundown:
        """The rundown of a date, at the levels that hold now."""
        if on not in self._days:
            if len(self._days) > 4:
                self._compiled.clear()
                self._days.clear()
                self._spots.clear()
                self._approved.clear()
            if on not in self._compiled:
                self._compiled[on] = self._compile(on)
            self._days[on] = trimmed(self.plan, self._compiled[on], self._trims)
        return self._days[on]

    def trim(self, trims: Mapping[str, float]) -> bool:
        """Other numbers of the dial for some levels from now on; False if those hold already."""
        known = {level: dial for level, dial in trims.items() if self.plan.level(level) is not None}
        if known == self._trims:
            return False
        self._trims = known
        self._days.clear()
        self._spots.clear()
        return True

    def warm(self, now: datetime) -> None:
        """Compile today before it is asked for."""
        today = self.date_of(now)
        self._spots_of(today)
        self._approved[today] = tuple(self._notices(today))

    def date_of(self, instant: datetime) -> date:
        """The store's date at an instant."""
        return instant.astimezone(self.plan.station.tz).date()

    def _dates(self, start: datetime, end: datetime) -> list[date]:
        first, last = self.date_of(start), self.date_of(end)
        return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]

    def beds(self, start: datetime, end: datetime, skips: Sequence[BedSkip] = ()) -> list[BedItem]:
        """Bed items that sound or begin between two instants, in order; ``skips`` are the tracks left early."""
        return [
            item for on in self._dates(start, end) for item in bed_between(self.plan, self.day(on), start, end, skips)
        ]

    def spot(self, one: SpotOfDay) -> SpotOfDay | None:
        """The same spot as it is under this plan, at the levels that hold now."""
        return next((other for other in self._spots_of(one.day) if other.spot.id == one.spot.id), None)

    def spots(self, start: datetime, end: datetime) -> list[SpotOfDay]:
        """Spots planned from ``start`` up to ``end``, in order."""
        return [one for on in self._dates(start, end) for one in self._spots_of(on) if start <= one.spot.at < end]

    def _spots_of(self, on: date) -> tuple[SpotOfDay, ...]:
        rundown = self.day(on)
        if on not in self._spots:
            self._spots[on] = tuple(SpotOfDay(on, spot) for spot in rundown.spots)
        return self._spots[on]

    def has(self, one: SpotOfDay, *, same: bool = False) -> bool:
        """Whether a spot, perhaps of another plan, is in this one as well; ``same``: in every respect."""
        return any(other == one if same else other.spot.id == one.spot.id for other in self._spots_of(one.day))

    def may_speak(self, one: SpotOfDay, now: datetime) -> bool:
        """Whether a spot's words are still wanted: a notice's only while it is approved and not withdrawn.

        A notice that was spoken anew, for a corrected reading, is the same notice: it is not cut off. What the desk
        put on air is wanted until it is taken back.
        """
        if one.spot.kind != "notice" and not one.spot.by:
            return True
        name = one.spot.source.removeprefix("notice:") if one.spot.by else one.spot.ref
        if one.day not in self._approved:
            self._approved[one.day] = tuple(self._notices(one.day))
        return any(
            notice.id == name
            and (notice.since is None or notice.since <= max(now, one.spot.at))
            and (notice.until is None or now < notice.until)
            for notice in self._approved[one.day]
        )

    def segments(self, start: datetime, end: datetime) -> list[tuple[date, Segment]]:
        """Segments that hold at some instant between two, each with the date of its rundown."""
        return [
            (on, segment)
            for on in self._dates(start, end)
            for segment in self.day(on).segments
            if segment.end > start and segment.start < end
        ]

    def segment(self, instant: datetime) -> Segment | None:
        """The segment at an instant."""
        return self.day(self.date_of(instant)).segment_at(instant)

    def programme_over(self, on: date, instant: datetime) -> bool:
        """Whether nothing of a date's programme is left at an instant."""
        segments = self.day(on).segments
        return not segments or instant >= segments[-1].end

    def spot_planned(self, instant: datetime) -> Spot | None:
        """The spot that would speak at an instant if all went as planned."""
        return self.day(self.date_of(instant)).spot_at(instant)
