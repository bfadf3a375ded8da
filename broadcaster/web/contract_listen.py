"""The record of the air: documents and routes."""

from __future__ import annotations

import datetime as dt

from pydantic import AwareDatetime, Field

from broadcaster.web.contract import Contract
from broadcaster.web.offices import LOOKERS
from broadcaster.web.route import DATE, Parameter, Route


class Span(Contract):
    """A stretch without a gap."""

    start: AwareDatetime
    end: AwareDatetime
    """Of a stretch that is being written, as far as it is."""


class RecordedDay(Contract):
    """What is recorded of a date."""

    date: dt.date
    seconds: float = Field(description="recorded altogether")
    spans: list[Span] = Field(description="oldest first; between them nothing was recorded")
    dates: list[dt.date] = Field(description="all dates of which there is something, newest first")


_DATE = Parameter("date", "A date of the store", DATE, "2026-11-28")
_INSTANT = {"type": "string", "format": "date-time"}

ROUTES: tuple[Route, ...] = (
    Route("/api/v1/aircheck/{date}", "What was recorded of a date", RecordedDay, parameters=(_DATE,), roles=LOOKERS),
    Route(
        "/api/v1/aircheck",
        "What was heard between two instants, as MP3: at most an hour, silent where nothing was recorded; the header "
        "`Recorded-From` is when its first sample was heard",
        query=(
            Parameter("from", "an instant, or a local time of the store", _INSTANT, "2026-11-28T14:05:00+08:00"),
            Parameter("to", "the same, later", _INSTANT, "2026-11-28T14:10:00+08:00"),
        ),
        roles=LOOKERS,
        media_type="audio/mpeg",
    ),
)
