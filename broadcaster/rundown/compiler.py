"""Compiles the plan into the rundown of a date. Pure: reads no clock, no file, no database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from broadcaster.plan.calendar import Day, day_of
from broadcaster.plan.faults import Fault
from broadcaster.plan.models import PRIORITIES, Names, Timing
from broadcaster.plan.plan import Plan
from broadcaster.plan.times import clock_text, length_text
from broadcaster.rundown.day_clock import DayClock
from broadcaster.rundown.events import Airing, Dropped, Notice, Rundown, Segment, Spot
from broadcaster.rundown.items import Item, items_of_notice, items_of_rule
from broadcaster.rundown.placing import Places
from broadcaster.rundown.rotation import Turns, order_for
from broadcaster.rundown.segments import make_segments


@dataclass(slots=True)
class _Series:
    """A timing with what takes turns at it, on one date."""

    rule: str
    title: Names
    timing: Timing
    turns: Turns[Item]
    source: str
    place_s: float | None


@dataclass(frozen=True, slots=True)
class _Request:
    """A wish of a series for one moment."""

    rank: int
    wanted: float
    order: int
    series: _Series
    limit: float | None
    """End of the window that it must lie in, if it has one."""


def compile_rundown(plan: Plan, notices: Sequence[Notice], day: date, history: Iterable[Airing] = ()) -> Rundown:
    """What should air on a date: same arguments, same rundown, same ids.

    ``history`` holds what aired; only its days before ``day`` count, for whose turn it is.
    """
    return _Compilation(plan, notices, day, tuple(history)).run()


class _Compilation:
    def __init__(self, plan: Plan, notices: Sequence[Notice], on: date, history: Sequence[Airing]) -> None:
        self.plan = plan
        self.notices = [notice for notice in notices if notice.first <= on <= notice.last]
        self.history = history
        self.day: Day = day_of(plan, on)
        self.clock = DayClock(on, plan.station.tz)
        self.places = Places(plan.station.separation)
        self.spots: list[Spot] = []
        self.dropped: list[Dropped] = []
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []
        self.segments: tuple[Segment, ...] = ()

    def run(self) -> Rundown:
        self.segments, faults = make_segments(self.plan, self.day, self.clock)
        self.faults += faults
        series = list(self._series())
        for request in sorted(
            self._requests(series), key=lambda request: (request.rank, request.wanted, request.order)
        ):
            self._place(request)
        for one in series:
            if one.timing.loop is not None:
                self._place_loop(one, one.timing.loop.gap)
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
        for rule in self.plan.programme.spots:
            if rule.holds(self.day.type_set):
                members = items_of_rule(self.plan, rule, joined.get(rule.rotation or "", ()))
                if not members:
                    source = self.plan.source(f"spot:{rule.id}")
                    self.warnings.append(Fault("empty-rotation", source.file, source.line, rule.id, warning=True))
                yield self._one_series(rule.id, rule.title, rule, members, f"spot:{rule.id}", rule.place)
        for notice in self.notices:
            if notice.timing is not None and notice.timing.holds(self.day.type_set):
                members = items_of_notice(self.plan, notice, notice.timing)
                yield self._one_series(notice.id, notice.title, notice.timing, members, f"notice:{notice.id}", None)

    def _one_series(
        self, rule: str, title: Names, timing: Timing, members: list[Item], source: str, place_s: float | None
    ) -> _Series:
        turns = Turns(order_for(members, self.day.date, self.history) if len(members) > 1 else members)
        if place_s is not None:
            for item in members:
                if item.length(self.plan.station.separation) > place_s:
                    self._tell_long(rule, item, place_s)
        return _Series(rule, title, timing, turns, source, place_s)

    def _requests(self, series: Iterable[_Series]) -> Iterator[_Request]:
        for order, one in enumerate(series):
            if not one.turns:
                continue
            rank = PRIORITIES.index(one.timing.priority)
            for moment in one.timing.at:
                yield _Request(rank, self._real(one, moment.on(self.day.open_s, self.day.close_s)), order, one, None)
            if one.timing.every is not None:
                for start, end in self._windows(one):
                    wanted = start
                    while wanted < end:
                        yield _Request(rank, wanted, order, one, end)
                        wanted += one.timing.every

    def _windows(self, series: _Series) -> Iterator[tuple[float, float]]:
        for window in series.timing.windows:
            start, end = (moment.on(self.day.open_s, self.day.close_s) for moment in (window.start, window.end))
            if end > start:
                yield self.clock.real(start), self.clock.real(end)
            elif self.day.close_s >= self.plan.calendar.hours.close:
                self._fault("backwards", series, start=clock_text(start), end=clock_text(end))

    def _real(self, series: _Series, local_s: int) -> float:
        if self.clock.skipped(local_s):
            instead = self.clock.instant(self.clock.real(local_s)).astimezone(self.clock.tz).strftime("%H:%M")
            self._fault("no-such-time", series, blocking=False, clock=clock_text(local_s), instead=instead)
        return self.clock.real(local_s)

    # --- placing

    def _place(self, request: _Request) -> None:
        series = request.series
        item = series.turns.peek()
        length = item.length(self.plan.station.separation)
        start = self.places.earliest(request.wanted, length)
        if request.limit is not None and start + length > request.limit:
            late = Names(zh="时间窗内放不下", en="it does not fit inside its window")
            self._drop(series, item, request.wanted, late)
        elif start - request.wanted > series.timing.move_by:
            far = length_text(start - request.wanted)
            reason = Names(zh=f"要推迟 {far},超过 move_by", en=f"it would move by {far}, more than move_by allows")
            self._drop(series, item, request.wanted, reason)
        elif self._segment_at(start) is None:
            reason = Names(zh="不在播音时段内", en="outside all dayparts")
            self._drop(series, item, request.wanted, reason, outside=True)
        else:
            self._add(series, item, request.wanted, start)
            series.turns.advance()

    def _place_loop(self, series: _Series, gap_s: float) -> None:
        if not series.turns:
            return
        for window_start, window_end in self._windows(series):
            cursor = window_start
            while True:
                item = series.turns.peek()
                length = item.length(self.plan.station.separation)
                start = self.places.earliest(cursor, length)
                if start + length > window_end or self._segment_at(start) is None:
                    break
                self._add(series, item, start, start, moved_from=cursor if start > cursor else None)
                series.turns.advance()
                cursor = float(round(start + length + max(gap_s, self.plan.station.separation) + 0.499))

    def _add(self, series: _Series, item: Item, wanted: float, start: float, moved_from: float | None = None) -> None:
        if start != wanted:
            moved_from = wanted
        separation_s = self.plan.station.separation
        self.places.take(start, item.length(separation_s))
        name = f"{self.day.date.isoformat()}/{series.rule}/{self.clock.mark(wanted)}"
        for number, (part, offset) in enumerate(zip(item.parts, item.offsets(separation_s), strict=True)):
            at = start + offset
            segment = self._segment_at(at) or self._segment_at(start)
            self.spots.append(
                Spot(
                    id=f"{name}/{number}" if number else name,
                    at=self.clock.instant(at),
                    duration_s=part.duration_s,
                    kind=part.kind,
                    ref=part.ref,
                    title=part.title,
                    repeat=part.repeat,
                    priority=series.timing.priority,
                    daypart=segment.daypart if segment else "",
                    lateness=series.timing.lateness,
                    rule=series.rule,
                    source=series.source,
                    level=part.level,
                    dial=part.dial,
                    gain_db=part.gain_db,
                    bed=series.timing.bed,
                    path=part.path,
                    key=part.key,
                    moved_from=self.clock.instant(moved_from + offset) if moved_from is not None else None,
                )
            )

    def _segment_at(self, real_s: float) -> Segment | None:
        instant = self.clock.instant(real_s)
        return next((segment for segment in self.segments if segment.start <= instant < segment.end), None)

    # --- what to tell

    def _drop(self, series: _Series, item: Item, wanted: float, reason: Names, *, outside: bool = False) -> None:
        self.dropped.append(
            Dropped(series.rule, item.title, self.clock.instant(wanted), reason, series.source, outside)
        )

    def _tell_dropped(self) -> None:
        early = self.day.close_s < self.plan.calendar.hours.close
        for drop in self.dropped:
            at = drop.at.astimezone(self.clock.tz).strftime("%H:%M")
            params = {"date": self.day.date.isoformat(), "at": at, "title": drop.title.zh}
            source = self.plan.source(drop.source)
            if drop.outside and not early:
                self.faults.append(Fault("spot-outside", source.file, source.line, drop.rule, params=params))
            else:
                params |= {"reason_zh": drop.reason.zh, "reason_en": drop.reason.en}
                self.warnings.append(
                    Fault("spot-dropped", source.file, source.line, drop.rule, params=params, warning=True)
                )

    def _tell_long(self, rule: str, item: Item, place_s: float) -> None:
        source = self.plan.source(f"spot:{rule}")
        length = item.length(self.plan.station.separation)
        params = {"title": item.title.zh, "length": f"{length:.0f} s", "place": length_text(place_s),
                  "date": self.day.date.isoformat()}  # fmt: skip
        self.faults.append(Fault("spot-long", source.file, source.line, f"{rule}.place", params=params))

    def _fault(self, code: str, series: _Series, *, blocking: bool = True, **params: str) -> None:
        source = self.plan.source(series.source)
        params["date"] = self.day.date.isoformat()
        self.faults.append(Fault(code, source.file, source.line, series.rule, params=params, blocking=blocking))
