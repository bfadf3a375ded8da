"""The calendar as the page shows it: what kind of day each date is, why, its hours, and what is set for it alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from broadcaster.errors import NotRunning, UsageError
from broadcaster.plan.calendar import BUILT_IN, Day, ranking, resolve_day, type_title
from broadcaster.plan.models import DateEntry, Names
from broadcaster.plan.plan import Plan
from broadcaster.plan.public_days import PublicDay, arrangement_published, public_day
from broadcaster.plan.times import clock_text

MOST_DAYS = 400
"""Asked for at once."""


@dataclass(frozen=True, slots=True)
class DayKind:
    """A day type. ``natural`` ones follow from the weekday: nobody sets them by hand."""

    id: str
    title: Names
    natural: bool
    own: bool
    """The store's own, none of the built-in ones."""


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A date of the calendar."""

    date: date
    types: tuple[str, ...]
    """Highest first."""
    reasons: dict[str, Names]
    """Why each type applies; under ``open`` and ``close``, what decided the hours."""
    open: str
    close: str
    """``HH:MM``; beyond 24:00 where the store closes after midnight."""
    other_hours: bool
    """Whether they differ from what the date's natural types alone would give."""
    public: PublicDay | None
    entry: DateEntry | None
    """What is set for this date alone."""

    @property
    def type(self) -> str:
        """The one that decides."""
        return self.types[0] if self.types else ""


@dataclass(frozen=True, slots=True)
class OneOff:
    """Something of the programme that a date may have otherwise than usual. Times as the programme writes them."""

    id: str
    title: Names
    times: tuple[str, ...]
    """A spot's moments; a daypart's beginning and end."""


@dataclass(frozen=True, slots=True)
class OneOffs:
    """All of a date."""

    spots: tuple[OneOff, ...] = ()
    dayparts: tuple[OneOff, ...] = ()


class CalendarOffice(Protocol):
    """What :class:`CalendarRoom` does, for the page. ``NotRunning`` while there is no plan."""

    def kinds(self) -> Sequence[DayKind]:
        """All day types, lowest first."""
        ...

    def days(self, first: date, last: date) -> Sequence[CalendarDay]:
        """The dates from ``first`` to ``last`` inclusive. ``UsageError`` for more than :data:`MOST_DAYS`."""
        ...

    def usual_hours(self) -> tuple[str, str]:
        """Opening and closing on days in general, ``HH:MM``."""
        ...

    def one_offs(self, on: date) -> OneOffs:
        """What may be changed for one date alone."""
        ...

    def arranged(self, year: int) -> bool:
        """Whether the year's public holidays and make-up workdays are known for good."""
        ...


class CalendarRoom:
    """Reads the plan on air; may be shared by threads."""

    def __init__(self, plan: Callable[[], Plan | None]) -> None:
        self._present = plan

    def _plan(self) -> Plan:
        plan = self._present()
        if plan is None:
            raise NotRunning("还没有可用的播音计划 / there is no plan yet")
        return plan

    def kinds(self) -> Sequence[DayKind]:
        """See :class:`CalendarOffice`."""
        calendar = self._plan().calendar
        return [
            DayKind(name, type_title(calendar, name), name in ("weekday", "weekend"), name not in BUILT_IN)
            for name in ranking(calendar)
        ]

    def days(self, first: date, last: date) -> Sequence[CalendarDay]:
        """See :class:`CalendarOffice`."""
        count = (last - first).days + 1
        if not 1 <= count <= MOST_DAYS:
            raise UsageError(
                f"{first} 至 {last}:一次最多 {MOST_DAYS} 天 / {first} to {last}: at most {MOST_DAYS} days at once"
            )
        plan = self._plan()
        bare = plan.calendar.model_copy(update={"dates": {}})
        country = plan.station.country
        found = []
        for on in (first + timedelta(days=number) for number in range(count)):
            entry = plan.calendar.dates.get(on)
            day = resolve_day(plan.calendar, country, on)
            natural = resolve_day(bare, country, on) if entry is not None else day
            found.append(_calendar_day(day, natural, public_day(country, on), entry))
        return found

    def usual_hours(self) -> tuple[str, str]:
        """See :class:`CalendarOffice`."""
        hours = self._plan().calendar.hours
        return clock_text(hours.open), clock_text(hours.close)

    def one_offs(self, on: date) -> OneOffs:
        """See :class:`CalendarOffice`."""
        plan = self._plan()
        types = resolve_day(plan.calendar, plan.station.country, on).type_set
        programme = plan.programme
        spots = [
            OneOff(rule.id, rule.title, tuple(str(moment) for moment in rule.at))
            for rule in programme.spots
            if rule.holds(types)
        ]
        dayparts = {
            part.id: OneOff(part.id, part.title, (str(part.start), str(part.end)))
            for part in programme.dayparts
            if part.holds(types)
        }
        return OneOffs(tuple(spots), tuple(dayparts.values()))

    def arranged(self, year: int) -> bool:
        """See :class:`CalendarOffice`."""
        return arrangement_published(self._plan().station.country, year)


def _calendar_day(day: Day, natural: Day, public: PublicDay | None, entry: DateEntry | None) -> CalendarDay:
    return CalendarDay(
        date=day.date,
        types=day.types,
        reasons=day.reasons,
        open=clock_text(day.open_s),
        close=clock_text(day.close_s),
        other_hours=(day.open_s, day.close_s) != (natural.open_s, natural.close_s),
        public=public,
        entry=entry,
    )
