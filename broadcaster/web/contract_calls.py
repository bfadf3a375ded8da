"""Emergencies, the fire contact and live pages: documents, bodies and routes."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from broadcaster.web.contract import Contract
from broadcaster.web.offices import ADMINISTRATORS, COMMANDERS, LOOKERS
from broadcaster.web.route import WHOLE, Parameter, Route


class Sent(BaseModel):
    """Base of what is sent: nothing else may be in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CallSent(Sent):
    """Which message, and why."""

    message: str = Field(min_length=1, max_length=80, description="id of a prepared message")
    reason: str = Field(min_length=1, max_length=200)


class EndSent(Sent):
    """Why it is over, if there is something to say."""

    reason: str = Field(default="", max_length=200)


class FireSent(Sent):
    """What the building's alarm says now."""

    closed: bool


class LiveSent(Sent):
    """Nothing more need be said."""


class Message(Contract):
    """A prepared message."""

    id: str
    title: str
    title_en: str
    languages: list[str]
    scripts: list[str]
    texts: list[str] = Field(description="what is said, script by script")
    ready: bool = Field(description="all of it can be heard")
    missing: list[str] = Field(description="scripts of it without a recording")
    round_s: float = Field(description="from one beginning of it to the next")


class Call(Contract):
    """An emergency, or somebody who speaks live."""

    id: int
    kind: Literal["emergency", "live"]
    message: str | None = Field(description="id of the message; null is silence, or a live page")
    title: str
    title_en: str
    since: AwareDatetime
    ended_at: AwareDatetime | None
    who: str
    account: str
    reason: str
    fire: bool = Field(description="the building's own alarm called it, and only that can end it")


class Fire(Contract):
    """The building's fire contact."""

    closed: bool = Field(description="it is on: nobody can put anything on air")
    readable: bool
    fitted: bool = Field(description="the station's settings name one")
    trouble: str = Field(description="why it can't be read")


class Emergencies(Contract):
    """What can be called, and what is."""

    messages: list[Message]
    emergency: Call | None
    live: Call | None
    fire: Fire


class Live(Contract):
    """A live page that was begun."""

    id: int
    speak_in_s: float = Field(description="the chime is over then")
    longest_s: float
    rate_hz: int
    format: str = Field(description="of what is sent: `s16le`, one channel, without a header")
    piece_s: float = Field(description="how long one piece is best")


class Heard(Contract):
    """What became of a piece."""

    waiting_s: float = Field(description="so much of what was sent is still to be heard")


_NUMBER = Parameter("number", "Number of a live page", WHOLE, 1)
_PIECE = Parameter("n", "Which piece this is, from 0", WHOLE, 0)

ROUTES: tuple[Route, ...] = (
    Route("/api/v1/emergencies", "Prepared messages, and what is called now", Emergencies, roles=LOOKERS),
    Route(
        "/api/v1/emergency", "Everything stops, and a message is said until it is ended", Call, "post",
        body=CallSent, status=201, roles=LOOKERS,
    ),
    Route(
        "/api/v1/emergency/end", "The emergency is over; the day goes on", Call, "post", body=EndSent, roles=LOOKERS
    ),
    Route("/api/v1/fire", "What the building's fire alarm says", Fire, "post", body=FireSent, roles=ADMINISTRATORS),
    Route("/api/v1/live", "Begin to speak", Live, "post", body=LiveSent, status=201, roles=COMMANDERS),
    Route(
        "/api/v1/live/{number}/chunk", "A piece of what is said", Heard, "post", (_NUMBER,), (_PIECE,),
        roles=COMMANDERS, sends="application/octet-stream",
    ),
    Route("/api/v1/live/{number}/end", "Speaking is over", None, "post", (_NUMBER,), roles=COMMANDERS),
)  # fmt: skip
