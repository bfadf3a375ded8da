"""What stays as it is all through a date: the day, its clock and its segments."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from broadcaster.plan.calendar import day_of
from broadcaster.plan.plan import Plan
from broadcaster.rundown.day_clock import DayClock
from broadcaster.rundown.one_day import plan_on
from broadcaster.rundown.segments import SegmentTable, make_segments


class Frame:
    """For one date of a plan."""

    def __init__(self, plan: Plan, on: date) -> None:
        self.plan = plan = plan_on(plan, on)
        """With what the date sets for itself."""
        self.on = on
        self.day = day_of(plan, on)
        self.clock = DayClock(on, plan.station.tz)
        segments, faults = make_segments(plan, self.day, self.clock)
        self.segments = segments
        self.faults = tuple(faults)
        self.table = SegmentTable(segments, self.clock)

    def merged(self, spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
        """Stretches in order, none overlapping another, and only what lies within the programme."""
        begin, end = self.table.next_start(0.0), self.table.end
        found: list[tuple[float, float]] = []
        for start, stop in sorted((max(start, begin), min(stop, end)) for start, stop in spans):
            if found and start <= found[-1][1]:
                found[-1] = found[-1][0], max(stop, found[-1][1])
            elif stop > start:
                found.append((start, stop))
        return found
