"""The API's document about the day book."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from pydantic import AwareDatetime, Field

from broadcaster.web.contract import Contract
from broadcaster.web.offices import LOOKERS
from broadcaster.web.route import DATE, Parameter, Route


class Both(Contract):
    """Words in both languages."""

    zh: str
    en: str


class BookHours(Contract):
    """Opening and closing."""

    open: AwareDatetime | None
    close: AwareDatetime | None


class BookPlan(Contract):
    """A version of the plan that held on the date."""

    version: int
    at: AwareDatetime
    who: str
    how: str
    words: str


class BookShare(Contract):
    """What aired as planned, of all that was planned and is over."""

    spots: int
    spots_as_planned: int = Field(description="aired whole, begun at most 10 s before or after the planned instant")
    of_spots: float | None = Field(description="from 0 to 1; null without spots")
    seconds: float = Field(description="of all dayparts, as far as they are over")
    seconds_as_planned: float
    of_seconds: float | None


class BookMusic(Contract):
    """The music of a daypart, summed up."""

    tracks: int
    first: AwareDatetime
    last: AwareDatetime
    sounded_s: float


class BookSpot(Contract):
    """A spot, planned and heard."""

    spot_id: str
    kind: str
    ref: str
    title: Both
    planned_at: AwareDatetime
    began_at: AwareDatetime | None = Field(description="heard, or at least commanded; null if the ear heard nothing")
    heard_by: Literal["ear", "player"] | None = Field(description="null: commanded only")
    ended_at: AwareDatetime | None
    off_s: float | None = Field(description="how much later than planned it began")
    planned_s: float | None
    length_s: float | None
    loudness_lufs: float | None
    state: str = Field(description="an outcome, or airing, planned, unrecorded")
    reason: str
    text: int | None = Field(description="number of what it says in `texts`")
    by: str = Field(description="who put it on air by hand; empty for one of the plan")


class BookPart(Contract):
    """A daypart; without a title, what lies outside of all."""

    start: AwareDatetime | None
    end: AwareDatetime | None
    daypart: str | None
    title: Both | None
    silence: bool = Field(description="deliberate")
    music: BookMusic | None
    spots: list[BookSpot]


class BookTrack(Contract):
    """Music that could not be played."""

    planned_at: AwareDatetime
    title: str
    reason: str


class BookText(Contract):
    """A text of the date."""

    number: int
    ref: str
    title: str
    written: str
    spoken: str
    author: str
    approved_by: list[str]


class BookDeed(Contract):
    """What somebody changed by hand."""

    at: AwareDatetime
    who: str
    what: str
    detail: dict[str, Any]
    where: str
    subject: str | None


class BookFault(Contract):
    """An alert of the date."""

    since: AwareDatetime
    until: AwareDatetime | None
    code: str
    subject: str
    severity: str
    zh: str
    en: str
    acknowledged_at: AwareDatetime | None
    acknowledged_by: str | None


class BookCall(Contract):
    """An emergency or a live page."""

    kind: Literal["emergency", "live"]
    title: str
    since: AwareDatetime
    until: AwareDatetime | None
    who: str
    reason: str


class DayBook(Contract):
    """A date as it is kept: planned against heard."""

    date: dt.date
    zone: str
    store: Both
    until: AwareDatetime | None = Field(description="how far it goes, while the date is not over")
    day_types: list[Both]
    hours: BookHours
    plan: list[BookPlan] = Field(description="oldest first")
    plan_as_then: bool = Field(description="false: the plan of that day can't be made again, today's stands for it")
    logged: bool
    archived: list[str] = Field(description="files of the archive that hold the log of an old date")
    share: BookShare | None
    parts: list[BookPart]
    missed: list[BookSpot]
    lost_tracks: list[BookTrack]
    texts: list[BookText]
    deeds: list[BookDeed] = Field(description="oldest first; of those that change what is heard")
    faults: list[BookFault]
    calls: list[BookCall]


_DATE = Parameter("date", "A date", DATE, "2026-11-28")

ROUTES = (
    Route("/api/v1/reports/book/{date}", "The day book of a date", DayBook, parameters=(_DATE,), roles=LOOKERS),
    Route(
        "/api/v1/reports/book/{date}.pdf", "The day book to print", parameters=(_DATE,), roles=LOOKERS,
        media_type="application/pdf",
    ),
)  # fmt: skip
