"""The JSON documents that commands and API share, as models: the source of the OpenAPI description.

Answers are sent as the station gives them, not squeezed through these models: a key that is new here must not
take the page down. Tests hold the two together. Instants carry an offset; durations are seconds.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Outcome = Literal["aired", "partial", "skipped", "failed"]


class Contract(BaseModel):
    """Base of all: readers must accept keys that they don't know."""

    model_config = ConfigDict(extra="allow", frozen=True)


class Titled(Contract):
    """Something with a title, perhaps in both languages."""

    title: str
    title_zh: str | None = None
    title_en: str | None = None


class Bed(Contract):
    """The music, or deliberate silence, under a daypart."""

    kind: str = Field(description="`playlist`, or `silence` when silence is what the plan wants")
    playlist: str | None = None


class Segment(Titled):
    """A stretch of the day under one bed and level."""

    start: AwareDatetime
    end: AwareDatetime
    daypart: str
    bed: Bed
    level: str | None = Field(default=None, description="name of the level")
    level_zh: str | None = None
    level_en: str | None = None
    dial: float | None = Field(default=None, description="number on the house dial")
    gain_db: float | None = Field(default=None, description="dB relative to the reference loudness")


class Lateness(Contract):
    """What becomes of a spot that can't start on time: one of these is set."""

    late_by_s: float | None = Field(default=None, ge=0, description="it still plays if no later than this")
    join: bool | None = Field(default=None, description="it starts late, inside")
    skip: bool | None = Field(default=None, description="it is left out")
    make_good: bool | None = Field(default=None, description="it airs at the next free place")


class PlannedSpot(Titled):
    """One thing aired once at a planned instant."""

    id: str
    at: AwareDatetime
    duration_s: float = Field(ge=0, description="chime and repeats included")
    kind: str
    ref: str
    repeat: int = Field(default=1, ge=1)
    priority: str = Field(description="rung of the ladder: `scheduled`, `rotation`, ...")
    daypart: str | None = None
    level: str | None = None
    dial: float | None = None
    gain_db: float | None = None
    bed: str | None = Field(default=None, description="what the bed does meanwhile: `duck` or `stop`")
    lateness: Lateness | None = None
    rule: str | None = Field(default=None, description="the rule of the plan that placed it")
    moved_from: AwareDatetime | None = Field(default=None, description="where it was before a conflict moved it")
    by: str | None = Field(default=None, description="who put it on air by hand")
    skipped_by: str | None = Field(default=None, description="who took it off the air by hand")


class Fault(Contract):
    """Something wrong in the plan: where, what, and what to do."""

    code: str
    message: str
    file: str | None = None
    line: int | None = None
    field: str | None = None
    value: str | int | float | bool | None = None
    remedy: str | None = None
    message_en: str | None = None
    remedy_en: str | None = None
    severity: str | None = Field(default=None, description="`fault` or `warning`")


class OpeningHours(Contract):
    """When the store opens and closes on a date."""

    open: AwareDatetime
    close: AwareDatetime


class Rundown(Contract):
    """What should air on one date."""

    date: dt.date
    timezone: str
    day_types: list[str]
    hours: OpeningHours | None = None
    segments: list[Segment]
    spots: list[PlannedSpot]
    faults: list[Fault]
    warnings: list[Fault]


class AsRunEntry(Contract):
    """What became of one spot, or of one track of a bed."""

    spot_id: str | None = None
    track: str | None = None
    kind: str
    ref: str | None = None
    title: str
    planned_at: AwareDatetime
    commanded_at: AwareDatetime | None
    heard_at: AwareDatetime | None
    ended_at: AwareDatetime | None
    outcome: Outcome | None = Field(description="null while it is on air")
    reason: str | None
    loudness_lufs: float | None = Field(description="as heard at the output")
    heard_by: Literal["ear", "player"] | None = Field(
        default=None,
        description="`ear`: listened for at the output, and not heard where `heard_at` is null; `player`: by its word",
    )
    zone: str


class AsRun(Contract):
    """What was broadcast on one date."""

    date: dt.date
    entries: list[AsRunEntry]


class AirTrack(Contract):
    """The track of the bed that is on air."""

    id: str | None = None
    title: str
    file: str | None = None
    playlist: str | None = None
    started_at: AwareDatetime
    ends_at: AwareDatetime
    duration_s: float


class AirSpot(Titled):
    """The spot that is on air."""

    id: str
    started_at: AwareDatetime
    ends_at: AwareDatetime
    text: str | None = Field(default=None, description="the words that are spoken, if it is speech")


class OnAirCall(Titled):
    """What goes before everything that is planned."""

    kind: Literal["emergency", "live"]
    id: int
    since: AwareDatetime
    sounding: bool
    silent: bool = Field(description="the building's fire alarm without a message of ours: nothing is heard")
    fire: bool = Field(default=False, description="the building's own alarm called it")
    who: str = Field(default="", description="as others call them; empty for whoever has no account")
    reason: str = Field(default="", description="empty for whoever has no account")
    text: str | None = Field(default=None, description="the words of an emergency message, line by line")


class OnAir(Contract):
    """What sounds at this moment, by the station's own account."""

    segment: Segment | None = Field(description="the stretch of the day that is on air")
    track: AirTrack | None
    offset_s: float | None = Field(description="seconds into the track")
    spot: AirSpot | None
    silence: bool = Field(description="true when the plan wants silence now")
    level: str | None
    level_zh: str | None = None
    level_en: str | None = None
    dial: float | None
    gain_db: float | None = None
    bed_depth_db: float | None = Field(default=None, description="how far the bed is ducked now")
    muted: bool = False
    stopped: bool = False
    paused: bool = Field(default=False, description="the bed, by hand")
    call: OnAirCall | None = Field(default=None, description="an emergency or a live page, before everything else")
    meter: Literal["heard", "computed"] | None = Field(
        default=None, description="`heard`: measured at the output; `computed`: worked out from what is played"
    )
    rms_dbfs: float | None = None
    peak_dbfs: float | None = None
    meter_ahead: MeterAhead | None = None


class Intervention(Titled):
    """Something that a person did to the air by hand. It ends by itself, nearly always with the day at the latest."""

    id: int
    kind: Literal["skip", "pause", "mute", "stop", "trim", "insert"]
    target: str | None = Field(description="a spot, a track, a level, or what is played")
    params: dict[str, Any]
    since: AwareDatetime
    until: AwareDatetime | None
    ended_at: AwareDatetime | None = None
    who: str = Field(description="as others call them")
    account: str
    reason: str
    words: str | None = Field(default=None, description="all of it in a sentence, in Chinese")
    words_en: str | None = None


class MeterAhead(Contract):
    """The level of the next moments, so that a meter can move between two answers."""

    step_s: float
    rms_dbfs: list[float]
    peak_dbfs: list[float]


class Upcoming(Titled):
    """Something that comes next."""

    at: AwareDatetime
    kind: Literal["spot", "segment"]
    id: str | None = None


class Alert(Contract):
    """Something that a person should look at."""

    code: str
    message: str
    message_en: str = ""
    subject: str = Field(default="", description="what it concerns, where there may be several of a code")
    severity: Literal["notice", "warning", "urgent"] = "warning"
    id: int | None = Field(default=None, description="null in its first second")
    since: AwareDatetime | None = None
    acknowledged: bool = False


class Health(Contract):
    """Whether the parts of the station work."""

    engine: str = Field(description="`ok`, `starting` or `lost`")
    ear: str = Field(description="`ok`, `starting`, `lost`, `none` (no loopback) or `off`")
    clock: str = Field(description="`ok`, `stepped` or `untrusted`")
    ntp: str | None = Field(
        default=None, description="the PC against the network's time: `synchronized`, `unsynchronized`, `unknown`"
    )
    plan: str = Field(description="`ok`, or `faults` when a changed plan was refused")
    disk_free_mb: float | None
    output_gone: bool = Field(description="whether there is no sound server or no output to play to")
    ear_reason: str = Field(default="", description="why nothing is heard, where the ear can't hear; `中文 / English`")
    dead_air_s: float | None = Field(description="seconds of silence that nobody planned")
    alerts: list[Alert] = Field(description="what is wrong and has lasted long enough to be told of")
    pending: list[str] = Field(
        default_factory=list, description="codes of what began just now, and mostly mends itself: no alert yet"
    )


class PlanState(Contract):
    """The plan that is on air."""

    version: str | None = Field(default=None, description="mark of all that it says; null before there is one")
    loaded_at: AwareDatetime | None = Field(description="null before there is one")
    faults: int = Field(ge=0, description="faults of a later change, which was refused")
    preparing: str | None = Field(default=None, description="what is being made ready before a plan can be taken over")


class Status(Contract):
    """The station at this moment."""

    now: AwareDatetime
    rehearsal: bool
    on_air: OnAir
    next: list[Upcoming]
    health: Health
    plan: PlanState
    interventions: list[Intervention] = Field(default=[], description="what people did by hand and what still holds")


class WhyTrack(Contract):
    """The track of the bed at that second."""

    title: str
    file: str
    playlist: str
    offset_s: float


class Place(Contract):
    """A place in the plan's files."""

    file: str
    line: int | None


class Change(Contract):
    """Who touched a file of the plan last."""

    at: AwareDatetime | None
    by: str | None


class PlanThen(Contract):
    """The version of the plan that held at that second."""

    version: int
    at: AwareDatetime = Field(description="when it was published")
    until: AwareDatetime | None = Field(description="when another took its place; null: it holds now")
    by: str | None = Field(description="who published it; null without an account")
    how: str = Field(description="page, cli or file")
    words: str = Field(description="what its author says of it")
    refused: int | None = Field(description="a newer version that had faults and stayed off the air")
    lost: bool = Field(description="it can't be made again: the answer goes by today's plan")


class AirThen(Contract):
    """Whether the air was as planned at that second."""

    state: str = Field(description="to-come, as-planned, by-hand, differed or unknown")
    lines: list[str] = Field(description="in sentences, in Chinese")
    lines_en: list[str]


class Why(Contract):
    """What should be, or was, on air at one second, and which rule chose it."""

    at: AwareDatetime
    date: dt.date
    day_types: list[str]
    segment: Segment | None = Field(description="null outside programme time")
    track: WhyTrack | None
    spot: PlannedSpot | None
    rule: Place
    changed: Change
    beat: list[str] = Field(description="what had to give way, in Chinese")
    beat_en: list[str]
    plan_version: str
    because: list[str] = Field(description="the whole answer in sentences, in Chinese")
    because_en: list[str]
    interventions: list[Intervention] = Field(default=[], description="what people did by hand at that second")
    plan: PlanThen | None = Field(default=None, description="null where no version was kept yet")
    air: AirThen | None = None


class Check(Contract):
    """Faults and warnings of the plan files."""

    ok: bool
    faults: list[Fault]
    warnings: list[Fault]


class HealthReason(Contract):
    """Why all is not well."""

    code: str = Field(description="conductor, engine or database")
    message: str
    message_en: str


class Healthz(Contract):
    """For the machine that watches the station."""

    ok: bool
    engine: str
    reasons: list[HealthReason] | None = Field(
        default=None, description="told to the machine itself and to accounts; empty while all is well"
    )


class FieldFault(Contract):
    """An entry of what was sent that is wrong."""

    field: str
    detail: str


class Problem(Contract):
    """An error, as RFC 9457 has it."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[FieldFault] | None = Field(default=None, description="with 422: every entry that is wrong")
