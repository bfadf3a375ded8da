"""What kind of day a date is, and when the store opens and closes on it.

Which setting wins: the date's own > the store's own day types > event > holiday > make-up workday > weekend >
weekday. A day carries every type that applies; exclusive settings (hours, variants of a daypart) go by the highest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from broadcaster.plan.models import Calendar, DayType, HoursChange, Names
from broadcaster.plan.public_days import public_day

if TYPE_CHECKING:
    from broadcaster.plan.plan import Plan

WEEKDAY, WEEKEND, MAKE_UP, HOLIDAY, EVENT = "weekday", "weekend", "make-up-workday", "holiday", "event"

#: The built-in types, lowest first.
BUILT_IN = (WEEKDAY, WEEKEND, MAKE_UP, HOLIDAY, EVENT)

_TITLES = {
    WEEKDAY: Names(zh="工作日", en="weekday"),
    WEEKEND: Names(zh="周末", en="weekend"),
    MAKE_UP: Names(zh="调休工作日", en="make-up workday"),
    HOLIDAY: Names(zh="节假日", en="public holiday"),
    EVENT: Names(zh="活动日", en="event day"),
}


@dataclass(frozen=True, slots=True)
class Day:
    """A date as the store keeps it."""

    date: date
    types: tuple[str, ...]
    """All that apply, highest first."""
    open_s: int
    """Opening, in seconds of local wall time from midnight."""
    close_s: int
    reasons: dict[str, Names]
    """Why each type applies; under ``open`` and ``close``, what decided the hours."""

    @property
    def type_set(self) -> frozenset[str]:
        """The types, for conditions."""
        return frozenset(self.types)


def ranking(calendar: Calendar) -> tuple[str, ...]:
    """All day types, lowest first. The store's own stand in the file's order, above ``event`` or where they say."""
    ranks = list(BUILT_IN)
    for name, kind in calendar.day_types.items():
        if name not in BUILT_IN:
            ranks.insert(ranks.index(kind.above) + 1 if kind.above in ranks else len(ranks), name)
    return tuple(ranks)


def type_title(calendar: Calendar, name: str) -> Names:
    """What a day type is called."""
    own = calendar.day_types.get(name)
    return (own.title if own else None) or _TITLES.get(name) or Names(zh=name)


def day_of(plan: Plan, on: date) -> Day:
    """The date with its types and hours: pure, for any date."""
    return resolve_day(plan.calendar, plan.station.country, on)


def resolve_day(calendar: Calendar, country: str | None, on: date) -> Day:
    """The date with its types and hours, from the calendar alone."""
    reasons = _natural_types(country, on)
    entry = calendar.dates.get(on)
    if entry is not None:
        for name in entry.remove:
            reasons.pop(name, None)
        for name in entry.add:
            reasons[name] = Names(zh=f"日历指定{f'({entry.note})' if entry.note else ''}", en="set in the calendar")
    ranks = ranking(calendar)
    types = tuple(sorted(reasons, key=lambda name: ranks.index(name) if name in ranks else -1, reverse=True))
    changes: list[tuple[str, HoursChange]] = [("date", entry)] if entry is not None else []
    changes += [(name, calendar.day_types.get(name, DayType())) for name in types]
    open_s, reasons["open"] = _opening(calendar, changes)
    close_s, reasons["close"] = _closing(calendar, changes)
    return Day(on, types, open_s, close_s, reasons)


def _natural_types(country: str | None, on: date) -> dict[str, Names]:
    public = public_day(country, on)
    reasons: dict[str, Names] = {}
    if public is not None:
        reasons[public.kind] = Names(zh=public.zh, en=public.en)
    weekend = on.weekday() >= 5
    # A make-up workday is worked like any other; a holiday on a working day is not one.
    if public is not None and public.kind == MAKE_UP:
        reasons[WEEKDAY] = Names(zh="调休上班", en="worked instead of a holiday")
    elif weekend:
        reasons[WEEKEND] = Names(zh="星期" + "一二三四五六日"[on.weekday()], en=on.strftime("%A"))
    elif public is None:
        reasons[WEEKDAY] = Names(zh="星期" + "一二三四五六日"[on.weekday()], en=on.strftime("%A"))
    return reasons


def _opening(calendar: Calendar, changes: list[tuple[str, HoursChange]]) -> tuple[int, Names]:
    for name, change in changes:
        if change.open is not None:
            return change.open, _because(calendar, name)
    return calendar.hours.open, Names(zh="平日营业时间", en="usual hours")


def _closing(calendar: Calendar, changes: list[tuple[str, HoursChange]]) -> tuple[int, Names]:
    """The highest fixed closing, or the usual one, and on top the latest shift of the types that rank above it."""
    later, because = 0.0, None
    for name, change in changes:
        if (change.close_later or 0) > later:
            later, because = change.close_later or 0, name
        if change.close is not None:
            return round(change.close + later), _because(calendar, because or name)
        if name == "date" and change.close_later is not None:
            # The date's own shift is the last word: what its day types would add does not count.
            return round(calendar.hours.close + change.close_later), _because(calendar, name)
    text = _because(calendar, because) if because else Names(zh="平日营业时间", en="usual hours")
    return round(calendar.hours.close + later), text


def _because(calendar: Calendar, name: str) -> Names:
    return Names(zh="当日指定", en="set for this date") if name == "date" else type_title(calendar, name)
