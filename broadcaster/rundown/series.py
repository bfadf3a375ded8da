"""What there is to place on a date: rules and notices with their turns, and the moments that they ask for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from broadcaster.plan.calendar import Day
from broadcaster.plan.models import Timing
from broadcaster.plan.plan import Plan
from broadcaster.plan.times import clock_text
from broadcaster.rundown.day_clock import DayClock
from broadcaster.rundown.events import Notice
from broadcaster.rundown.items import Item, ItemMaker
from broadcaster.rundown.rotation import Turns, order_for
from broadcaster.rundown.segments import early_end
from broadcaster.rundown.telling import TOO_LONG, Telling


class Stretch(NamedTuple):
    """A window on the date, in elapsed seconds from midnight: a spot must lie in it wholly."""

    start: float
    end: float

    def holds(self, item: Item) -> bool:
        """Whether the item could lie in it if nothing else were there."""
        return item.length_s <= self.end - self.start


@dataclass(slots=True)
class Series:
    """A timing with what takes turns at it, on one date."""

    rule: str
    name: str
    """Stands for it in its spots' ids; no rule and no notice share one."""
    timing: Timing
    stretches: tuple[Stretch, ...]
    turns: Turns[Item]
    source: str


class Request(NamedTuple):
    """A wish of a series for one moment, in elapsed seconds from midnight."""

    wanted: float
    series: Series
    stretch: Stretch | None


class Desires:
    """Everything that a plan and its notices ask for on one date."""

    def __init__(self, plan: Plan, day: Day, clock: DayClock, telling: Telling) -> None:
        self._plan = plan
        self._day = day
        self._clock = clock
        self._telling = telling
        self._items = ItemMaker(plan)

    def series(self, notices: Sequence[Notice], aired: Counter[str]) -> Iterator[Series]:
        """The rules that hold, in the plan's order, then the notices with a timing of their own, in theirs."""
        joined: dict[str, list[Notice]] = {}
        for notice in notices:
            if notice.rotation is not None:
                joined.setdefault(notice.rotation, []).append(notice)
        types = self._day.type_set
        for rule in self._plan.programme.spots:
            if rule.holds(types):
                source = f"spot:{rule.id}"
                members = self._items.of_rule(rule, joined.get(rule.rotation or "", ()))
                if not members:
                    self._telling.empty_rotation(rule.id, source)
                if rule.place is not None:
                    self._telling.long(rule.id, source, members, rule.place)
                ordered = order_for(members, self._day.date, aired)
                yield self._one(rule.id, rule.id, rule, ordered, source)
        for notice in notices:
            if notice.timing is not None and notice.timing.holds(types):
                source = f"notice:{notice.id}"
                members = [self._items.of_notice(notice, notice.timing)]
                yield self._one(notice.id, source, notice.timing, members, source)

    def _one(self, rule: str, name: str, timing: Timing, members: Sequence[Item], source: str) -> Series:
        stretches = tuple(self._stretches(timing, rule, source)) if timing.windows else ()
        if stretches:
            never = [item for item in members if not any(stretch.holds(item) for stretch in stretches)]
            for item in never if len(never) < len(members) else ():
                # Passed over all day while its neighbours fill the windows: nothing else would tell.
                self._telling.drop(rule, source, item, stretches[0].start, TOO_LONG)
        return Series(rule, name, timing, stretches, Turns(members), source)

    def _stretches(self, timing: Timing, rule: str, source: str) -> Iterator[Stretch]:
        early = early_end(self._plan, self._day)
        for window in timing.windows:
            start, end = (moment.on(self._day.open_s, self._day.close_s) for moment in (window.start, window.end))
            if early is not None and window.end.anchor != "close":
                # A window written for the usual closing must not reach into the send-off of an early one.
                end = min(end, early)
            if end > start:
                # A window that lies in a skipped hour altogether has no length on that date.
                if (real := Stretch(self._clock.real(start), self._clock.real(end))).end > real.start:
                    yield real
            elif self._day.close_s >= self._plan.calendar.hours.close:
                self._telling.fault("backwards", rule, source, start=clock_text(start), end=clock_text(end))

    def requests(self, series: Iterable[Series]) -> Iterator[Request]:
        """The moments that some series ask for by ``at`` and ``every``."""
        for one in series:
            seen: set[float] = set()
            for request in self._wishes(one):
                # Windows that overlap, and times that a day's hours or a change of clocks make one, ask only once.
                if request.wanted not in seen:
                    seen.add(request.wanted)
                    yield request

    def _wishes(self, series: Series) -> Iterator[Request]:
        for moment in series.timing.at:
            local_s = moment.on(self._day.open_s, self._day.close_s)
            wanted = self._clock.real(local_s)
            if self._clock.skipped(local_s):
                instead = self._clock.instant(wanted).astimezone(self._clock.tz).strftime("%H:%M")
                self._telling.fault(
                    "no-such-time", series.rule, series.source, blocking=False,
                    clock=clock_text(local_s), instead=instead,
                )  # fmt: skip
            yield Request(wanted, series, None)
        every = series.timing.every
        for stretch in series.stretches if every is not None else ():
            wanted, beat = stretch.start, 0
            while every is not None and wanted < stretch.end:
                yield Request(wanted, series, stretch)
                beat += 1
                wanted = stretch.start + int(beat * every)
