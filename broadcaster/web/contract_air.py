"""What people do to the air by hand, and the feed for the store's screens: documents, bodies and routes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from broadcaster.web.contract import Contract, Intervention
from broadcaster.web.offices import COMMANDERS, LOOKERS
from broadcaster.web.route import WHOLE, Parameter, Route


class Sent(BaseModel):
    """Base of what is sent: nothing else may be in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Skip(Sent):
    """End what sounds, or leave out a spot to come."""

    what: Literal["spot", "track"]
    target: str = Field(min_length=1, max_length=200, description="`on_air.spot.id`, `on_air.track.id` or a spot's id")


class Minutes(Sent):
    """For how long."""

    minutes: float = Field(gt=0, le=60)
    reason: str = Field(default="", max_length=200)


class Stop(Sent):
    """Why everything stops."""

    reason: str = Field(min_length=1, max_length=200)


class Trim(Sent):
    """Another number of the dial for a level, for the rest of the day."""

    level: str = Field(min_length=1, max_length=80)
    dial: Annotated[float, Field(ge=-1000, le=1000)]


class Play(Sent):
    """Once, now, at the next free place."""

    kind: Literal["script", "notice"]
    ref: str = Field(min_length=1, max_length=80, description="id of a script, or `notice-12`")


class Interventions(Contract):
    """What holds now, oldest first."""

    interventions: list[Intervention]


class Hours(Contract):
    """When the store opens or closes next."""

    kind: Literal["open", "close"]
    at: AwareDatetime


class Screen(Contract):
    """What the store's screens show: the words that are spoken at this moment, and nothing else of the programme."""

    now: AwareDatetime
    speaking: bool
    text: str | None = Field(description="line by line as it is spoken; null while nobody speaks")
    title: str | None
    until: AwareDatetime | None
    language: Literal["zh", "en"] = Field(description="of the text's first line")
    store: dict[str, str] = Field(description="the store's name by language")
    hours: Hours | None = None


_NUMBER = Parameter("number", "Number of an intervention", WHOLE, 1)
_AIR = "/api/v1/air"

ROUTES: tuple[Route, ...] = (
    Route(f"{_AIR}/interventions", "What people changed by hand and what still holds", Interventions, roles=LOOKERS),
    Route(
        f"{_AIR}/interventions/{{number}}",
        "Take it back, or let the air go on",
        Intervention,
        "delete",
        (_NUMBER,),
        roles=COMMANDERS,
    ),
    *(
        Route(f"{_AIR}/{path}", summary, Intervention, "post", body=sent, status=201, roles=COMMANDERS)
        for path, summary, sent in (
            ("skip", "End what sounds, or leave out what comes", Skip),
            ("pause", "Pause the bed", Minutes),
            ("mute", "Nothing is heard", Minutes),
            ("stop", "Stop everything", Stop),
            ("trim", "Set a level for today", Trim),
            ("play", "Play a script or a notice now", Play),
        )
    ),
    Route("/api/v1/screen", "The words now being announced, for the store's screens", Screen),
)
