"""Collects what a date's compilation has to tell: faults, warnings, and the spots that found no place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from operator import attrgetter

from broadcaster.plan.calendar import Day
from broadcaster.plan.faults import Fault
from broadcaster.plan.models import Names
from broadcaster.plan.plan import Plan
from broadcaster.plan.times import length_text
from broadcaster.rundown.day_clock import DayClock
from broadcaster.rundown.events import Dropped, Promise
from broadcaster.rundown.items import Item

TOLD = 8
"""So many spots of one rule outside all dayparts are told one by one; the rest is more of the same."""

NO_ROOM = Names(zh="时间窗内放不下", en="it does not fit inside its window")
TOO_LONG = Names(zh="比时间窗还长", en="it is longer than its window")
AFTER_END = Names(zh="播音结束前放不下", en="it does not fit before the programme ends")
OUTSIDE = Names(zh="不在播音时段内", en="outside all dayparts")


@lru_cache(maxsize=64)
def moved_too_far(move_by_s: float) -> Names:
    """Why a spot was dropped for which ``move_by`` left no place."""
    allowed = length_text(move_by_s)
    return Names(zh=f"move_by 允许的 {allowed} 内没有空位", en=f"no place is free within the {allowed} of its move_by")


class Telling:
    """For one compilation."""

    def __init__(self, plan: Plan, day: Day, clock: DayClock, faults: Iterable[Fault]) -> None:
        self._plan = plan
        self._day = day
        self._clock = clock
        self._date = day.date.isoformat()
        self.faults: list[Fault] = list(faults)
        self.warnings: list[Fault] = []
        self.dropped: list[Dropped] = []
        self._seeded: set[tuple[str, str, datetime, str]] = set()

    def seed(self, dropped: Iterable[Dropped]) -> None:
        """What was dropped before, earlier on the date; it is not told again."""
        for drop in dropped:
            self.dropped.append(drop)
            self._seeded.add((drop.source, drop.title.zh, drop.at, drop.reason.zh))

    def fault(self, code: str, rule: str, source: str, *, blocking: bool = True, **params: str) -> None:
        """Something wrong with a rule on this date."""
        where = self._plan.source(source)
        params["date"] = self._date
        self.faults.append(Fault(code, where.file, where.line, rule, params=params, blocking=blocking))

    def empty_rotation(self, rule: str, source: str) -> None:
        """A rotation without members."""
        where = self._plan.source(source)
        self.warnings.append(Fault("empty-rotation", where.file, where.line, rule, warning=True))

    def homeless(self, title: Names, rotation: str) -> None:
        """A notice for a rotation that the programme has no more."""
        params = {"title": title.zh, "date": self._date}
        where = self._plan.source("programme")
        self.warnings.append(Fault("rotation-gone", where.file, None, "rotations", rotation, params, warning=True))

    def long(self, rule: str, source: str, members: Iterable[Item], place_s: float) -> None:
        """Members that are longer than the place that the rule gives them."""
        where = self._plan.source(source)
        for item in members:
            if item.length_s > place_s:
                params = {"title": item.title.zh, "length": f"{item.length_s:.0f} s", "place": length_text(place_s),
                          "date": self._date}  # fmt: skip
                self.faults.append(Fault("spot-long", where.file, where.line, f"{rule}.place", params=params))

    def drop(self, rule: str, source: str, item: Item, wanted: float, reason: Names) -> None:
        """A spot that found no place."""
        instant = self._clock.instant(wanted)
        if self._seeded and (source, item.title.zh, instant, reason.zh) in self._seeded:
            return
        self.dropped.append(Dropped(rule, item.title, instant, reason, source, outside=reason is OUTSIDE))

    def overbooked(self, promises: Iterable[Promise]) -> None:
        """Contracts that are not planned in full: a warning for each rule, with the counts."""
        by_rule: dict[str, list[Promise]] = {}
        for promise in promises:
            by_rule.setdefault(promise.rule, []).append(promise)
        for rule, all_of in by_rule.items():
            short = [one for one in all_of if one.planned < one.contracted + one.owed]
            if not short:
                continue
            where = self._plan.source(f"spot:{rule}")
            counts = [(one.title, f"{one.planned}/{one.contracted + one.owed}") for one in short[:TOLD]]
            more = len(short) > TOLD
            params = {
                "date": self._date,
                "wanted": sum(one.contracted + one.owed for one in all_of),
                "planned": sum(one.planned for one in all_of),
                "who_zh": "、".join(f"{title.zh} {count}" for title, count in counts)
                + (f" 等 {len(short)} 条" if more else ""),
                "who_en": ", ".join(f"{title.text('en')} {count}" for title, count in counts)
                + (f" and {len(short) - TOLD} more" if more else ""),
            }
            self.warnings.append(Fault("over-booked", where.file, where.line, rule, params=params, warning=True))

    def tell_dropped(self) -> None:
        """A fault for each spot outside all dayparts; for the others dropped, a warning for each rule and reason."""
        early = self._day.close_s < self._plan.calendar.hours.close
        alike = Counter([(drop.source, drop.reason.zh) for drop in self.dropped])
        told = dict.fromkeys(alike, 0)
        for drop in sorted(self.dropped, key=attrgetter("at")):
            key = drop.source, drop.reason.zh
            # A notice outside all dayparts is its author's mistake, and makes no plan faulty.
            fault = drop.outside and not early and not drop.source.startswith("notice:")
            told[key] += 1
            if told[key] > (TOLD if fault else 1):
                continue
            where = self._plan.source(drop.source)
            at = drop.at.astimezone(self._clock.tz)
            params = {"date": self._date, "at": f"{at.hour:02d}:{at.minute:02d}", "title": drop.title.zh}
            if fault:
                self.faults.append(Fault("spot-outside", where.file, where.line, drop.rule, params=params))
                continue
            more = alike[key] - 1
            params["reason_zh"] = drop.reason.zh + (f"(当天还有 {more} 次)" if more else "")
            params["reason_en"] = drop.reason.text("en") + (f" (and {more} more that day)" if more else "")
            self.warnings.append(Fault("spot-dropped", where.file, where.line, drop.rule, params=params, warning=True))
