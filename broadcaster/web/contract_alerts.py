"""Alerts: documents and routes."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, Field

from broadcaster.web.contract import Contract
from broadcaster.web.offices import LOOKERS, WRITERS
from broadcaster.web.route import WHOLE, Parameter, Route

ACKNOWLEDGERS = WRITERS
"""Everybody but a supervisor, who only looks and listens."""


class AlertState(Contract):
    """One alert."""

    id: int
    code: str
    subject: str
    severity: Literal["notice", "warning", "urgent"]
    message: str
    message_en: str
    remedy: str
    remedy_en: str
    since: AwareDatetime
    cleared_at: AwareDatetime | None
    present: bool = Field(description="false while it is watched whether it stays away")
    told: int = Field(description="how often anybody was told")
    told_at: AwareDatetime | None
    acknowledged_at: AwareDatetime | None
    acknowledged_by: str | None


class AlertsDocument(Contract):
    """What is open, gravest first, and what is over, newest first."""

    open: list[AlertState]
    unacknowledged: int
    history: list[AlertState]


_NUMBER = Parameter("number", "Number of an alert", WHOLE, 1)
_BEFORE = Parameter("before", "Of the history, only what has a smaller number", WHOLE, 100)

ROUTES: tuple[Route, ...] = (
    Route("/api/v1/alerts", "What is wrong, and was", AlertsDocument, query=(_BEFORE,), roles=LOOKERS),
    Route(
        "/api/v1/alerts/{number}/acknowledge", "Take note: nobody is reminded any more", AlertsDocument, "post",
        (_NUMBER,), roles=ACKNOWLEDGERS,
    ),
)  # fmt: skip
