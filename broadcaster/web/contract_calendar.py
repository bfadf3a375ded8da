"""The API's documents about the calendar; see :mod:`broadcaster.web.contract` for the rules."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import Field

from broadcaster.web.contract import Contract
from broadcaster.web.offices import LOOKERS
from broadcaster.web.route import DATE, Parameter, Route


class Told(Contract):
    """A reason in both languages."""

    zh: str
    en: str


class PublicDay(Contract):
    """What the country makes of a date."""

    kind: str = Field(description="`holiday` or `make-up-workday`")
    zh: str
    en: str


class CalendarDay(Contract):
    """A date of the calendar."""

    date: dt.date
    types: list[str] = Field(description="all day types that apply, the one that decides first")
    open: str = Field(description="HH:MM of the store's wall clock")
    close: str = Field(description="HH:MM; 25:00 is an hour after midnight")
    other_hours: bool = Field(description="whether the hours differ from what the day's own types give")
    public: PublicDay | None = Field(description="public holiday or make-up workday")
    reasons: dict[str, Told] = Field(description="why each type applies, and what decided `open` and `close`")
    set: dict[str, Any] | None = Field(description="what is set for this date alone, as in calendar.yaml")


class DayKind(Contract):
    """A day type."""

    id: str
    zh: str
    en: str
    natural: bool = Field(description="whether it follows from the weekday alone")


class CalendarYear(Contract):
    """All dates of a year."""

    year: int
    arranged: bool = Field(description="whether the year's holidays and make-up workdays are known for good")
    kinds: list[DayKind] = Field(description="all day types, lowest first")
    days: list[CalendarDay]


_YEAR = Parameter("year", "From 1970 to 2199", {"type": "integer", "minimum": 1970, "maximum": 2199}, 2026)
_DATE = Parameter("date", "Date of the station, YYYY-MM-DD", DATE, "2026-11-28")

ROUTES = (
    Route("/api/v1/calendar/{year}", "A year by day type", CalendarYear, parameters=(_YEAR,), roles=LOOKERS),
    Route(
        "/api/v1/days/{date}", "What kind of day a date is, its hours and marks", CalendarDay, parameters=(_DATE,),
        roles=LOOKERS,
    ),
)  # fmt: skip
