"""Compiles the plan into the rundown of a date. Pure: reads no clock, no file, no database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from math import ceil, inf
from operator import attrgetter

from broadcaster.plan.calendar import day_of
from broadcaster.plan.models import PRIORITIES
from broadcaster.plan.plan import Plan
from broadcaster.rundown.day_clock import DayClock
from broadcaster.rundown.events import Airing, Notice, Rundown, Segment, Spot
from broadcaster.rundown.items import Item
from broadcaster.rundown.placing import Places
from broadcaster.rundown.rotation import aired_before
from broadcaster.rundown.segments import SegmentTable, make_segments
from broadcaster.rundown.series import Desires, Request, Series, Stretch
from broadcaster.rundown.telling import AFTER_END, NO_ROOM, OUTSIDE, TOO_LONG, Telling, moved_too_far


def compile_rundown(plan: Plan, notices: Sequence[Notice], day: date, history: Iterable[Airing] = ()) -> Rundown:
    """What should air on a date: same arguments, same rundown, same ids.

    ``history`` holds what aired; only its days before ``day`` count, for whose turn it is.
    """
    running = [notice for notice in notices if notice.first <= day <= notice.last]
    return _Compilation(plan, day).run(running, history)


class _Compilation:
    def __init__(self, plan: Plan, on: date) -> None:
        self.plan = plan
        self.day = day_of(plan, on)
        self.clock = DayClock(on, plan.station.tz)
        self.segments, faults = make_segments(plan, self.day, self.clock)
        self.table = SegmentTable(self.segments, self.clock)
        self.telling = Telling(plan, self.day, self.clock, faults)
        self.places = Places(plan.station.separation)
        self.spots: list[Spot] = []
        self.names: set[str] = set()
        self.date = on.isoformat()

    def run(self, notices: Sequence[Notice], history: Iterable[Airing]) -> Rundown:
        desires = Desires(self.plan, self.day, self.clock, self.telling)
        series = list(desires.series(notices, aired_before(self.day.date, history)))
        for priority in PRIORITIES:
            ranked = [one for one in series if one.timing.priority == priority and one.turns]
            # The sort is stable: what is wanted at one moment stays in the order of the plan.
            for request in sorted(desires.requests(ranked), key=attrgetter("wanted")):
                self._place(request)
            for one in ranked:
                if one.timing.loop is not None:
                    for stretch in one.stretches:
                        self._place_loop(one, stretch, max(one.timing.loop.gap, self.plan.station.separation))
        self.spots.sort(key=attrgetter("at"))
        self.telling.tell_dropped()
        return Rundown(
            date=self.day.date,
            tz=self.plan.station.tz,
            day=self.day,
            segments=self.segments,
            spots=tuple(self.spots),
            dropped=tuple(self.telling.dropped),
            faults=tuple(self.telling.faults),
            warnings=tuple(self.telling.warnings),
        )

    def _place(self, request: Request) -> None:
        series, stretch, wanted = request.series, request.stretch, request.wanted
        turns, source = series.turns, series.source
        item = turns.peek(stretch.holds) if stretch is not None else turns.first
        if self.table.at(wanted) is None:
            self.telling.drop(series.rule, source, item or turns.first, wanted, OUTSIDE)
            return
        if item is None:
            self.telling.drop(series.rule, source, turns.first, wanted, TOO_LONG)
            return
        moved = wanted + series.timing.move_by
        # A window spot also ends with the programme; one at a fixed time may say goodbye into the closing.
        last = min(stretch.end, self.table.end) - item.length_s if stretch is not None else inf
        start = self.places.earliest(wanted, item.length_s, min(moved, last))
        if start is None:
            in_window = stretch is not None and last == stretch.end - item.length_s
            reason = moved_too_far(series.timing) if moved <= last else NO_ROOM if in_window else AFTER_END
            self.telling.drop(series.rule, source, item, wanted, reason)
        elif (segment := self.table.at(start)) is None:
            self.telling.drop(series.rule, source, item, wanted, AFTER_END)
        else:
            self._add(series, item, segment, wanted, start, wanted if start > wanted else None)

    def _place_loop(self, series: Series, stretch: Stretch, gap_s: float) -> None:
        """Turn after turn in a window, around what is there already.

        Turns keep the times that they would have with nothing in the way, so that a spot in a loop's window moves only
        those that it touches; a turn that had to give way leaves at least half a gap before the next.
        """
        turns, cursor = series.turns, stretch.start
        if self.table.at(cursor) is None:
            cursor = self.table.next_start(cursor)
        if cursor >= stretch.end:
            self.telling.drop(series.rule, series.source, turns.first, stretch.start, OUTSIDE)
            return
        end = min(stretch.end, self.table.end)
        aired = False
        while (item := turns.peek(stretch.holds)) is not None:
            start = self.places.earliest(cursor, item.length_s, end - item.length_s)
            if start is None:
                break
            if (segment := self.table.at(start)) is None:
                cursor = self.table.next_start(start)
                continue
            self._add(series, item, segment, cursor, start, cursor if start > cursor else None)
            aired = True
            following = max(cursor + item.length_s + gap_s, start + item.length_s + gap_s / 2)
            # Whole seconds, as everywhere; the millisecond keeps float dust from costing one.
            cursor = max(float(ceil(following - 0.001)), cursor + 1.0)
        if not aired:
            reason = NO_ROOM if item is not None else TOO_LONG
            self.telling.drop(series.rule, series.source, item or turns.first, stretch.start, reason)

    def _add(
        self, series: Series, item: Item, segment: Segment, named: float, start: float, moved_from: float | None
    ) -> None:
        """Put an item on air. ``named`` is the moment in its spots' ids: the one asked for, wherever it moved."""
        series.turns.took(item)
        self.places.take(start, item.length_s)
        name = f"{self.date}/{series.name}/{self.clock.mark(named)}"
        while name in self.names:
            # Two windows of one loop that overlap may ask for the same moment.
            name += "+"
        self.names.add(name)
        timing = series.timing
        for number, (part, offset) in enumerate(zip(item.parts, item.offsets, strict=True)):
            if number:
                segment = self.table.at(start + offset) or segment
            self.spots.append(
                Spot(
                    id=f"{name}/{number}" if number else name,
                    at=self.clock.instant(start + offset),
                    duration_s=part.duration_s,
                    kind=part.kind,
                    ref=part.ref,
                    title=part.title,
                    repeat=part.repeat,
                    priority=timing.priority,
                    daypart=segment.daypart,
                    lateness=timing.lateness,
                    rule=series.rule,
                    source=series.source,
                    level=part.level,
                    dial=part.dial,
                    gain_db=part.gain_db,
                    bed=timing.bed,
                    path=part.path,
                    key=part.key,
                    moved_from=self.clock.instant(moved_from + offset) if moved_from is not None else None,
                )
            )
