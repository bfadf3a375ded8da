"""Dayparts become the segments of a date: chosen by day type, set to instants, checked for holes and overlaps."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf

from broadcaster.plan.calendar import Day, ranking
from broadcaster.plan.faults import Fault
from broadcaster.plan.models import BedRule, Daypart
from broadcaster.plan.plan import Plan
from broadcaster.plan.times import DAY_S, clock_text, length_text
from broadcaster.rundown.day_clock import DayClock
from broadcaster.rundown.events import Segment


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A daypart on a date, in seconds of local wall time."""

    index: int
    daypart: Daypart
    start: int
    end: int


class SegmentTable:
    """Finds segments by elapsed seconds from midnight, the compiler's own measure of a date."""

    def __init__(self, segments: Sequence[Segment], clock: DayClock) -> None:
        self._segments = segments
        self._starts = [(segment.start - clock.base).total_seconds() for segment in segments]
        self._ends = [(segment.end - clock.base).total_seconds() for segment in segments]

    @property
    def end(self) -> float:
        """End of programme time; 0.0 on a date without any."""
        return self._ends[-1] if self._ends else 0.0

    def at(self, real_s: float) -> Segment | None:
        """The segment there; None outside programme time."""
        index = bisect_right(self._starts, real_s) - 1
        return self._segments[index] if index >= 0 and real_s < self._ends[index] else None

    def next_start(self, real_s: float) -> float:
        """Start of the first segment from there on; infinity after the last."""
        index = bisect_left(self._starts, real_s)
        return self._starts[index] if index < len(self._starts) else inf


def make_segments(plan: Plan, day: Day, clock: DayClock) -> tuple[tuple[Segment, ...], list[Fault]]:
    """The segments of a date, in order and never overlapping, and what is wrong with them.

    Where dayparts overlap, which is a fault, the one that starts later holds, so that there is an answer all the same.
    """
    faults: list[Fault] = []
    stretches = _cut_at_early_close(plan, day, _stretches(plan, day, faults))
    stretches.sort(key=lambda stretch: (stretch.start, stretch.index))
    if not stretches:
        faults.append(_fault(plan, "no-dayparts", day, None))
    if day.close_s <= day.open_s:
        faults.append(_fault(plan, "closes-before-opens", day, None))
    return tuple(_segments(plan, day, clock, _joined(plan, day, stretches, faults), faults)), faults


def _stretches(plan: Plan, day: Day, faults: list[Fault]) -> list[_Stretch]:
    found: list[_Stretch] = []
    for index, daypart in _chosen(plan, day):
        start, end = daypart.start.on(day.open_s, day.close_s), daypart.end.on(day.open_s, day.close_s)
        outside = next((moment for moment in (start, end) if not 0 <= moment <= DAY_S), None)
        if outside is not None:
            faults.append(_fault(plan, "off-the-day", day, index, clock=clock_text(outside)))
        elif end > start:
            found.append(_Stretch(index, daypart, start, end))
        elif not _after_early_close(plan, day, daypart, end):
            faults.append(_fault(plan, "backwards", day, index, start=clock_text(start), end=clock_text(end)))
    return found


def _after_early_close(plan: Plan, day: Day, daypart: Daypart, end: int) -> bool:
    """Whether a daypart vanished because the store closes early: what leads up to the closing has no room left."""
    return daypart.end.anchor == "close" and day.close_s < plan.calendar.hours.close and end <= day.close_s


def _chosen(plan: Plan, day: Day) -> list[tuple[int, Daypart]]:
    """Dayparts that hold on a day; of several with one id, those for the day's highest type."""
    order = {name: rank for rank, name in enumerate(ranking(plan.calendar))}
    by_id: dict[str, list[tuple[int, int, Daypart]]] = defaultdict(list)
    for index, daypart in enumerate(plan.programme.dayparts):
        if daypart.holds(day.type_set):
            rank = max((order.get(name, -1) for name in daypart.days if name in day.type_set), default=-1)
            by_id[daypart.id].append((rank, index, daypart))
    chosen = []
    for variants in by_id.values():
        highest = max(rank for rank, _, _ in variants)
        chosen += [(index, daypart) for rank, index, daypart in variants if rank == highest]
    return sorted(chosen)


def early_end(plan: Plan, day: Day) -> int | None:
    """Where all that has fixed times ends on a day that closes earlier than usual, in seconds of local wall time.

    That is where the first daypart hung on closing begins, or the closing itself; None on other days.
    """
    if day.close_s >= plan.calendar.hours.close:
        return None
    hung = (daypart.start.on(day.open_s, day.close_s) for _, daypart in _chosen(plan, day)
            if daypart.start.anchor == "close")  # fmt: skip
    return min(hung, default=day.close_s)


def _cut_at_early_close(plan: Plan, day: Day, stretches: list[_Stretch]) -> list[_Stretch]:
    """On a day that closes earlier than usual, fixed ends give way to the dayparts that hang on closing.

    A daypart with a fixed start ends where the first of those begins, or at closing if there is none.
    """
    limit = early_end(plan, day)
    if limit is None:
        return stretches
    hung = sorted(stretch.start for stretch in stretches if stretch.daypart.start.anchor == "close")
    kept = []
    for stretch in stretches:
        if stretch.daypart.start.anchor == "close":
            if stretch.daypart.end.anchor != "close" and stretch.start < day.close_s:
                # Its fixed end was written for the usual closing; what hangs on closing after it comes first.
                until = next((start for start in hung if start > stretch.start), day.close_s)
                stretch = replace(stretch, end=min(stretch.end, until))
            kept.append(stretch)
        elif stretch.start < limit:
            kept.append(replace(stretch, end=min(stretch.end, limit)))
    return kept


def _joined(plan: Plan, day: Day, stretches: list[_Stretch], faults: list[Fault]) -> list[_Stretch]:
    joined: list[_Stretch] = []
    for stretch in stretches:
        if joined and stretch.start < joined[-1].end:
            before = joined.pop()
            until = clock_text(min(before.end, stretch.end))
            faults.append(
                _fault(plan, "overlap", day, stretch.index, a=before.daypart.id, b=stretch.daypart.id,
                       start=clock_text(stretch.start), end=until)
            )  # fmt: skip
            if before.start < stretch.start:
                joined.append(replace(before, end=stretch.start))
        elif joined and stretch.start > joined[-1].end:
            hole = {"start": clock_text(joined[-1].end), "end": clock_text(stretch.start)}
            faults.append(_fault(plan, "hole", day, stretch.index, **hole))
        joined.append(stretch)
    return joined


def _segments(plan: Plan, day: Day, clock: DayClock, stretches: list[_Stretch], faults: list[Fault]) -> list[Segment]:
    segments = []
    for stretch in stretches:
        for local_s in (stretch.start, stretch.end):
            if clock.skipped(local_s):
                instead = clock.instant(clock.real(local_s)).astimezone(clock.tz).strftime("%H:%M")
                faults.append(
                    replace(_fault(plan, "no-such-time", day, stretch.index, clock=clock_text(local_s),
                                   instead=instead), blocking=False)
                )  # fmt: skip
        start, end = clock.real(stretch.start), clock.real(stretch.end)
        if end > start:
            segments.append(_segment(plan, day, clock, stretch, start, end, faults))
    return segments


def _segment(
    plan: Plan, day: Day, clock: DayClock, stretch: _Stretch, start: float, end: float, faults: list[Fault]
) -> Segment:
    daypart = stretch.daypart
    bed = daypart.bed if isinstance(daypart.bed, BedRule) else None
    level = plan.level(daypart.level) if daypart.level and bed else None
    dial = daypart.dial if daypart.dial is not None and level else level.dial if level else None
    playlist = plan.playlists.get(bed.playlist) if bed else None
    if bed and not bed.repeat and playlist and playlist.tracks and playlist.duration_s < end - start:
        total, length = length_text(round(playlist.duration_s)), length_text(end - start)
        faults.append(_fault(plan, "bed-short", day, stretch.index, "bed", total=total, length=length))
    return Segment(
        start=clock.instant(start),
        end=clock.instant(end),
        daypart=daypart.id,
        title=daypart.title,
        bed=bed,
        level=daypart.level if level else None,
        dial=dial,
        gain_db=plan.gain_db(dial) if dial is not None else None,
        source=f"daypart:{stretch.index}",
    )


def _fault(plan: Plan, code: str, day: Day, index: int | None, field: str = "", **params: str) -> Fault:
    source = plan.source("programme" if index is None else f"daypart:{index}")
    name = "" if index is None else f"dayparts[{index}]" + (f".{field}" if field else "")
    return Fault(code, source.file, source.line, name, params={"date": day.date.isoformat(), **params})
