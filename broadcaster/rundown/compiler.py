"""Compiles the plan into the rundown of a date. Pure: reads no clock, no file, no database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, inf

from broadcaster.plan.calendar import Day, day_of
from broadcaster.plan.faults import Fault
from broadcaster.plan.models import PRIORITIES, Names, Timing
from broadcaster.plan.plan import Plan
from broadcaster.plan.times import clock_text, length_text
from broadcaster.rundown.day_clock import DayClock
from broadcaster.rundown.events import Airing, Dropped, Notice, Rundown, Spot
from broadcaster.rundown.items import Item, items_of_notice, items_of_rule
from broadcaster.rundown.placing import Places
from broadcaster.rundown.rotation import Turns, aired_before, order_for
from broadcaster.rundown.segments import SegmentTable, make_segments

TOLD = 8
"""So many spots of one rule outside all dayparts are told one by one; the rest is more of the same."""

NO_ROOM = Names(zh="时间窗内放不下", en="it does not fit inside its window")
TOO_LONG = Names(zh="比时间窗还长", en="it is longer than its window")
AFTER_END = Names(zh="播音结束前放不下", en="it does not fit before the programme ends")
OUTSIDE = Names(zh="不在播音时段内", en="outside all dayparts")


@dataclass(frozen=True, slots=True)
class _Window:
    """A stretch that a spot must lie in wholly, in elapsed seconds from midnight."""

    start: float
    end: float

    def holds(self, item: Item) -> bool:
        """Whether the item could lie in it if nothing else were there."""
        return item.length_s <= self.end - self.start


@dataclass(slots=True)
class _Series:
    """A timing with what takes turns at it, on one date."""

    rule: str
    name: str
    """Stands for it in its spots' ids; no rule and no notice share one."""
    title: Names
    timing: Timing
    windows: tuple[_Window, ...]
    turns: Turns[Item]
    source: str


@dataclass(frozen=True, slots=True)
class _Request:
    """A wish of a series for one moment."""

    wanted: float
    series: _Series
    window: _Window | None


def compile_rundown(plan: Plan, notices: Sequence[Notice], day: date, history: Iterable[Airing] = ()) -> Rundown:
    """What should air on a date: same arguments, same rundown, same ids.

    ``history`` holds what aired; only its days before ``day`` count, for whose turn it is.
    """
    return _Compilation(plan, notices, day, history).run()


class _Compilation:
    def __init__(self, plan: Plan, notices: Sequence[Notice], on: date, history: Iterable[Airing]) -> None:
        self.plan = plan
        self.notices = [notice for notice in notices if notice.first <= on <= notice.last]
        self.aired: Counter[str] = aired_before(on, history)
        self.day: Day = day_of(plan, on)
        self.clock = DayClock(on, plan.station.tz)
        self.separation_s = plan.station.separation
        self.places = Places(self.separation_s)
        self.spots: list[Spot] = []
        self.dropped: list[Dropped] = []
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []
        segments, faults = make_segments(plan, self.day, self.clock)
        self.segments = segments
        self.faults += faults
        self.table = SegmentTable(segments, self.clock)

    def run(self) -> Rundown:
        series = list(self._series())
        for priority in PRIORITIES:
            ranked = [one for one in series if one.timing.priority == priority and one.turns]
            # The sort is stable: what is wanted at one moment stays in the order of the plan.
            for request in sorted(self._requests(ranked), key=lambda request: request.wanted):
                self._place(request)
            for one in ranked:
                if one.timing.loop is not None:
                    self._place_loop(one, max(one.timing.loop.gap, self.separation_s))
        self.spots.sort(key=lambda spot: spot.at)
        self._tell_dropped()
        return Rundown(
            date=self.day.date,
            tz=self.plan.station.tz,
            day=self.day,
            segments=self.segments,
            spots=tuple(self.spots),
            dropped=tuple(self.dropped),
            faults=tuple(self.faults),
            warnings=tuple(self.warnings),
        )

    # --- what there is to place

    def _series(self) -> Iterator[_Series]:
        joined: dict[str, list[Notice]] = {}
        for notice in self.notices:
            if notice.rotation is not None:
                joined.setdefault(notice.rotation, []).append(notice)
        types = self.day.type_set
        for rule in self.plan.programme.spots:
            if rule.holds(types):
                source = f"spot:{rule.id}"
                members = items_of_rule(self.plan, rule, joined.get(rule.rotation or "", ()))
                if not members:
                    where = self.plan.source(source)
                    self.warnings.append(Fault("empty-rotation", where.file, where.line, rule.id, warning=True))
                if rule.place is not None:
                    self._tell_long(rule.id, members, rule.place)
                ordered = order_for(members, self.day.date, self.aired)
                yield self._one_series(rule.id, rule.id, rule.title, rule, ordered, source)
        for notice in self.notices:
            if notice.timing is not None and notice.timing.holds(types):
                source = f"notice:{notice.id}"
                members = items_of_notice(self.plan, notice, notice.timing)
                yield self._one_series(notice.id, source, notice.title, notice.timing, members, source)

    def _one_series(
        self, rule: str, name: str, title: Names, timing: Timing, members: Sequence[Item], source: str
    ) -> _Series:
        windows = tuple(self._windows(timing, rule, source))
        series = _Series(rule, name, title, timing, windows, Turns(members), source)
        never = [item for item in members if windows and not any(window.holds(item) for window in windows)]
        for item in never if len(never) < len(members) else ():
            # Passed over all day, and its neighbours fill the windows: nothing else would tell.
            self._drop(series, item, windows[0].start, TOO_LONG)
        return series

    def _requests(self, series: Iterable[_Series]) -> Iterator[_Request]:
        for one in series:
            seen: set[float] = set()
            for wanted, window in self._wishes(one):
                # Windows that overlap, and times that a day's hours or a change of clocks make one, ask only once.
                if wanted not in seen:
                    seen.add(wanted)
                    yield _Request(wanted, one, window)

    def _wishes(self, series: _Series) -> Iterator[tuple[float, _Window | None]]:
        for moment in series.timing.at:
            local_s = moment.on(self.day.open_s, self.day.close_s)
            wanted = self.clock.real(local_s)
            if self.clock.skipped(local_s):
                instead = self.clock.instant(wanted).astimezone(self.clock.tz).strftime("%H:%M")
                self._fault(
                    "no-such-time", series.rule, series.source, blocking=False,
                    clock=clock_text(local_s), instead=instead,
                )  # fmt: skip
            yield wanted, None
        if series.timing.every is not None:
            for window in series.windows:
                wanted, beat = window.start, 0
                while wanted < window.end:
                    yield wanted, window
                    beat += 1
                    wanted = window.start + int(beat * series.timing.every)

    def _windows(self, timing: Timing, rule: str, source: str) -> Iterator[_Window]:
        for window in timing.windows:
            start, end = (moment.on(self.day.open_s, self.day.close_s) for moment in (window.start, window.end))
            if end > start:
                # A window that lies in a skipped hour altogether has no length on that date.
                if (real := _Window(self.clock.real(start), self.clock.real(end))).end > real.start:
                    yield real
            elif self.day.close_s >= self.plan.calendar.hours.close:
                self._fault("backwards", rule, source, start=clock_text(start), end=clock_text(end))

    # --- placing

    def _place(self, request: _Request) -> None:
        series, window, wanted = request.series, request.window, request.wanted
        item = series.turns.peek(lambda item: window is None or window.holds(item))
        if self.table.at(wanted) is None:
            self._drop(series, item or series.turns.first, wanted, OUTSIDE, outside=True)
            return
        if item is None:
            self._drop(series, series.turns.first, wanted, TOO_LONG)
            return
        limits = [(wanted + series.timing.move_by, _moved_too_far(series.timing))]
        if window is not None:
            limits += [(window.end - item.length_s, NO_ROOM), (self.table.end - item.length_s, AFTER_END)]
        latest, reason = min(limits, key=lambda limit: limit[0])
        start = self.places.earliest(wanted, item.length_s, latest)
        if start is None:
            self._drop(series, item, wanted, reason)
        elif self.table.at(start) is None:
            self._drop(series, item, wanted, AFTER_END)
        else:
            self._add(series, item, wanted, start)

    def _place_loop(self, series: _Series, gap_s: float) -> None:
        for window in series.windows:
            cursor = window.start if self.table.at(window.start) else self.table.next_start(window.start)
            if cursor is None or cursor >= window.end:
                self._drop(series, series.turns.first, window.start, OUTSIDE, outside=True)
                continue
            end = min(window.end, self.table.end)
            aired = False
            while (item := series.turns.peek(window.holds)) is not None:
                start = self.places.earliest(cursor, item.length_s, end - item.length_s)
                if start is None:
                    break
                if self.table.at(start) is None:
                    # A hole between dayparts: the table's end lies behind it, so another segment follows.
                    cursor = self.table.next_start(start) or inf
                    continue
                self._add(series, item, start, start, moved_from=cursor if start > cursor else None)
                aired = True
                # Whole seconds, as everywhere; the millisecond keeps float dust from costing one.
                cursor = max(float(ceil(start + item.length_s + gap_s - 0.001)), start + 1.0)
            if not aired:
                self._drop(series, item or series.turns.first, window.start, NO_ROOM if item else TOO_LONG)

    def _add(self, series: _Series, item: Item, wanted: float, start: float, moved_from: float | None = None) -> None:
        if start != wanted:
            moved_from = wanted
        series.turns.took(item)
        self.places.take(start, item.length_s)
        name = f"{self.day.date.isoformat()}/{series.name}/{self.clock.mark(wanted)}"
        timing, segment = series.timing, self.table.at(start)
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
                    daypart=segment.daypart if segment else "",
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

    # --- what to tell

    def _drop(self, series: _Series, item: Item, wanted: float, reason: Names, *, outside: bool = False) -> None:
        self.dropped.append(
            Dropped(series.rule, item.title, self.clock.instant(wanted), reason, series.source, outside)
        )

    def _tell_dropped(self) -> None:
        """A fault for each spot outside all dayparts; for the others dropped, a warning for each rule and reason."""
        early = self.day.close_s < self.plan.calendar.hours.close
        alike = Counter((drop.source, drop.reason.zh) for drop in self.dropped)
        told: Counter[tuple[str, str]] = Counter()
        for drop in sorted(self.dropped, key=lambda drop: drop.at):
            key, fault = (drop.source, drop.reason.zh), drop.outside and not early
            told[key] += 1
            if told[key] > (TOLD if fault else 1):
                continue
            source = self.plan.source(drop.source)
            at = drop.at.astimezone(self.clock.tz).strftime("%H:%M")
            params = {"date": self.day.date.isoformat(), "at": at, "title": drop.title.zh}
            if fault:
                self.faults.append(Fault("spot-outside", source.file, source.line, drop.rule, params=params))
                continue
            more = alike[key] - 1
            params["reason_zh"] = drop.reason.zh + (f"(当天还有 {more} 次)" if more else "")
            params["reason_en"] = drop.reason.text("en") + (f" (and {more} more that day)" if more else "")
            self.warnings.append(
                Fault("spot-dropped", source.file, source.line, drop.rule, params=params, warning=True)
            )

    def _tell_long(self, rule: str, members: Iterable[Item], place_s: float) -> None:
        source = self.plan.source(f"spot:{rule}")
        for item in members:
            if item.length_s > place_s:
                params = {"title": item.title.zh, "length": f"{item.length_s:.0f} s", "place": length_text(place_s),
                          "date": self.day.date.isoformat()}  # fmt: skip
                self.faults.append(Fault("spot-long", source.file, source.line, f"{rule}.place", params=params))

    def _fault(self, code: str, rule: str, source_name: str, *, blocking: bool = True, **params: str) -> None:
        source = self.plan.source(source_name)
        params["date"] = self.day.date.isoformat()
        self.faults.append(Fault(code, source.file, source.line, rule, params=params, blocking=blocking))


def _moved_too_far(timing: Timing) -> Names:
    allowed = length_text(timing.move_by)
    return Names(zh=f"move_by 允许的 {allowed} 内没有空位", en=f"no place is free within the {allowed} of its move_by")
