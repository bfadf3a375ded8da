"""Faults that show when dates are compiled: holes, overlaps, times that do not exist, spots without a place. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import get_args

from broadcaster.plan.calendar import day_of
from broadcaster.plan.faults import Fault
from broadcaster.plan.models import Weather
from broadcaster.plan.plan import Plan, WeatherSpell
from broadcaster.plan.public_days import arrangement_published
from broadcaster.rundown.compiler import compile_rundown
from broadcaster.rundown.day_clock import DayClock

YEAR = 400
"""Days looked ahead: a year, and the weeks after it."""


def dates_ahead(plan: Plan, today: date, days: int = YEAR) -> Iterator[date]:
    """The dates from today on that differ as days: one for each set of day types, hours and clock changes."""
    seen = set()
    for offset in range(days):
        on = today + timedelta(days=offset)
        day = day_of(plan, on)
        clock = DayClock(on, plan.station.tz)
        entry = plan.calendar.dates.get(on)
        own = repr((entry.spots, entry.dayparts)) if entry else None
        mark = (day.types, day.open_s, day.close_s, clock.real(86_400), own)
        if mark not in seen:
            seen.add(mark)
            yield on


def check_days(plan: Plan, dates: Iterable[date]) -> list[Fault]:
    """All faults and warnings of those dates; the same one on many dates is told once, for the first."""
    found: dict[object, Fault] = {}
    years = set()
    for on in dates:
        years.add(on.year)
        rundown = compile_rundown(plan, (), on)
        # What the worst of weather would add is checked as well; that it is crowded then needs no warning.
        stormy = compile_rundown(_stormy(plan, on), (), on).faults if _minds_weather(plan) else ()
        for fault in (*rundown.faults, *rundown.warnings, *stormy):
            same = {name: value for name, value in fault.params.items() if name != "date"}
            found.setdefault((fault.code, fault.file, fault.line, fault.field, repr(same)), fault)
    for year in sorted(years):
        if not arrangement_published(plan.station.country, year):
            told = Fault("holidays-unpublished", "config/calendar.yaml", params={"year": year}, warning=True)
            found[told.code, year] = replace(told, blocking=False)
    return list(found.values())


def _minds_weather(plan: Plan) -> bool:
    return any(rule.weather for rule in plan.programme.spots)


def _stormy(plan: Plan, on: date) -> Plan:
    """The plan on a day of all kinds of bad weather."""
    noon = datetime.combine(on, time(12), plan.station.tz)
    spell = WeatherSpell(
        kinds=get_args(Weather), since=noon - timedelta(days=1), until=noon + timedelta(days=1)
    )  # fmt: skip
    return plan.model_copy(update={"weather": (spell,)})
