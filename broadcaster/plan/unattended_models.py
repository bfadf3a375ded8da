"""What ``config/station.yaml`` says of running alone: ear, alerts, emergencies, air check, upkeep, standby, clock."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from broadcaster.plan.model_base import Decibels, Identifier, Model, Title
from broadcaster.plan.times import ClockTime, Length

Url = Annotated[str, StringConstraints(strip_whitespace=True, min_length=4, max_length=2000)]

Secret = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000), Field(repr=False)]
"""An address that whoever knows it may use."""

Severity = Literal["notice", "warning", "urgent"]
"""How grave an alert is: ``notice`` can wait, ``warning`` wants somebody today, ``urgent`` means no or wrong sound."""


class Ear(Model):
    """How the output is listened to, and what is done when it is silent."""

    listen: bool = True
    device: str = "default"
    """The loopback of this device; ``default`` is that of ``sound.output``."""
    silent_below: Annotated[Decibels, Field(ge=-90, le=-30)] = -60.0
    """What is softer than this, in dBFS of a block's RMS, is silence."""
    silent_after: Annotated[Length, Field(ge=1, le=60)] = 4.0
    """Unplanned silence of so many seconds is a fault."""
    keep_volume: bool = False
    """Whether the system's volume is set back when somebody turns it down or mutes it."""
    volume: Annotated[int, Field(ge=1, le=100)] | None = None
    """The system's volume in percent; None is what it was when the daemon first heard it."""
    fallback_output: str | None = None
    """The device that is taken when the first is silent; None is any other there is."""


class AlertTarget(Model):
    """Somebody who is told."""

    url: Secret
    """Where to, as Apprise writes it: ``mailto://``, ``wecombot://``, ``dingtalk://``, ``feishu://``, ``json://``.
    ``check`` says what is wrong with it; a plan with a wrong one goes on air all the same."""
    name: str = ""
    """What people call it on the page, which never shows the address."""
    language: Literal["zh", "en"] = "zh"
    least: Severity = "warning"
    """The mildest that it is told."""


class Heartbeat(Model):
    """A sign of life for a monitor outside, which calls somebody when it stops."""

    url: Secret
    every: Annotated[Length, Field(ge=10, le=3600)] = 60.0


class Quiet(Model):
    """From when until when only urgent alerts are told; across midnight if it ends earlier than it begins."""

    start: Annotated[ClockTime, Field(alias="from")]
    end: Annotated[ClockTime, Field(alias="to")]


class Alerts(Model):
    """Who is told when a hand is needed."""

    to: tuple[AlertTarget, ...] = ()
    repeat: Annotated[Length, Field(ge=60)] = 900.0
    """Seconds from one telling to the next, until somebody acknowledges it."""
    per_hour: Annotated[int, Field(ge=4, le=120)] = 12
    """The most messages to one target in an hour; what is more is told together later."""
    quiet: Quiet | None = None
    heartbeat: Heartbeat | None = None


class EmergencyMessage(Model):
    """What is said in an emergency, over and over until somebody ends it."""

    title: Title
    scripts: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    """Said one after the other: one for each language of the house."""
    pause: Annotated[Length, Field(le=60)] = 2.0
    """Silence, in seconds, after each script."""
    level: str | None = None
    """Level on the dial; None is the station's ``speech_level``."""


class FireInput(Model):
    """A contact that stops everything while it is closed, and has a message said if it names one."""

    kind: Literal["serial", "gpio", "http", "push"]
    """``push``: another program tells, by ``POST /api/v1/fire``; it may so with the other kinds as well."""
    port: str | None = None
    """Serial: the port, such as ``COM3`` or ``/dev/ttyUSB0``."""
    line: Literal["cts", "dsr", "cd", "ri"] = "cts"
    """Serial: the input line of the port that the contact closes."""
    pin: int | None = None
    """GPIO: the pin's number as the chip counts."""
    url: Url | None = None
    """HTTP: asked four times a second; ``closed_when`` tells what answer means alarm."""
    closed_when: str = "1"
    """HTTP: the text that the answer's body then has."""
    normally: Literal["open", "closed"] = "open"
    """How the contact rests: one that rests closed also alarms when its wire is cut."""
    message: Identifier | None = None
    """The emergency message; None leaves the house silent for the building's own alarm."""

    @model_validator(mode="after")
    def _has_its_place(self) -> FireInput:
        needed = {"serial": "port", "gpio": "pin", "http": "url"}.get(self.kind)
        if needed is not None and getattr(self, needed) is None:
            raise PydanticCustomError(
                "fire_place_missing",
                "{kind} 要写 {needed} / {kind} needs {needed}",
                {"kind": self.kind, "needed": needed},
            )
        return self


class LivePage(Model):
    """Speaking from a browser's microphone."""

    longest: Annotated[Length, Field(ge=5, le=600)] = 120.0
    chime: Identifier | None = "ding-dong"
    """Of ``announcements/chimes``; None is none."""
    level: str | None = None
    """Level on the dial; None is the station's ``speech_level``."""
    keep_days: Annotated[int, Field(ge=1, le=4000)] = 90
    """Recordings of what was said are kept for so many days."""


class AirCheck(Model):
    """The rolling recording of what was heard."""

    days: Annotated[int, Field(ge=0, le=400)] = 7
    """Kept for so many days; 0 records nothing."""
    budget_mb: Annotated[int, Field(ge=100)] = 3000
    kbps: Literal[32, 48, 64, 96, 128] = 48


class Upkeep(Model):
    """What is kept on the disk, and when the house is put in order."""

    at: ClockTime = 4 * 3600
    """When the database and the disk are looked after, each night."""
    free_mb: Annotated[int, Field(ge=200)] = 2000
    """So much of the disk is left free: old air checks go first, then caches, then logs; never anything else."""
    cache_mb: Annotated[int, Field(ge=100)] = 8000
    """Prepared recordings that no plan uses any more go beyond this."""
    engine_mb: Annotated[int, Field(ge=60)] = 250
    """An engine that has grown beyond this is replaced at the next planned silence."""


LEAST_KEPT_DAYS = 400
"""A year and a month: what a report may ask for at once stays in the log."""
_KEPT = re.compile(r"(?P<n>\d+)\s*(?P<unit>years?|y|年|months?|个月|days?|d|天)?", re.IGNORECASE)
_KEPT_WORDS = "写成 3 years、500 days 或 none,不短于 400 天 / write 3 years, 500 days or none; at least 400 days"
_KEPT_DAYS = {"y": 366, "年": 366, "m": 31, "个": 31, "d": 1, "天": 1}


def _parse_kept(value: Any) -> int:
    text = "0" if value is None else str(value).strip()
    match = _KEPT.fullmatch("0" if text.lower() in ("none", "for ever", "forever", "永久") else text)
    if match is None or isinstance(value, bool):
        raise PydanticCustomError("bad_kept", _KEPT_WORDS)
    days = int(match["n"]) * _KEPT_DAYS[(match["unit"] or "d")[0].lower()]
    if days and not LEAST_KEPT_DAYS <= days <= 36_600:
        raise PydanticCustomError("bad_kept", _KEPT_WORDS)
    return days


def _kept_text(days: int) -> str:
    if not days:
        return "none"
    return f"{days // 366} years" if days % 366 == 0 else f"{days} days"


Kept = Annotated[int, BeforeValidator(_parse_kept), PlainSerializer(_kept_text)]
"""Days, written as ``3 years`` or ``500 days``; 0, written as ``none``, is for ever. A year counts 366 days."""

THREE_YEARS = 3 * 366


class Retention(Model):
    """For how long records stay in the database. What is older goes to ``var/archive``, at night, and is deleted only
    when it can be read there."""

    log: Kept = THREE_YEARS
    """What was broadcast, and what each day was promised."""
    texts: Kept = THREE_YEARS
    """The texts of each day as they were spoken."""
    audit: Kept = THREE_YEARS
    """Who did what."""
    alerts: Kept = THREE_YEARS
    """Alerts that are over and were acknowledged; others stay."""
    versions: Kept = THREE_YEARS
    """Versions of the plan; no shorter than the log in any case."""
    revisions: Kept = THREE_YEARS
    """Superseded revisions of notices with their approvals, no shorter than the log in any case; what a notice says
    last stays."""


class BackupPlan(Model):
    """The backup that is made by itself."""

    at: ClockTime | None = 3 * 3600 + 30 * 60
    """Each day at this time; None is never."""
    folder: str | None = None
    """Where a copy goes as well: a network drive or a stick. Kept in ``var/backups`` in any case."""
    keep: Annotated[int, Field(ge=1, le=365)] = 14
    music: bool = False
    """Whether the playlists' songs are packed too."""


class Standby(Model):
    """Two PCs at one amplifier: the second speaks when the first falls silent."""

    role: Literal["main", "second"]
    peer: Url
    """The other's address and port for this, such as ``http://192.168.1.20:8089``."""
    also: tuple[Url, ...] = ()
    """Further ways to it: a second network card, or a cable from one PC to the other."""
    port: Annotated[int, Field(ge=1, le=65535)] = 8089
    """Where this PC listens for the other: not the page's port, for a busy page must not look like a dead PC."""
    arbiter: str | None = None
    """An address that answers as long as this PC's network works, such as the router's ``192.168.1.1`` or
    ``192.168.1.1:80``: a second PC that can't reach it does not take over."""
    token: Annotated[str, Field(min_length=16, max_length=200)]
    """The secret that both know."""
    after: Annotated[Length, Field(ge=1, le=30)] = 3.0
    """Seconds without a sign of sound from the main PC after which the second takes over."""


class ClockTrust(Model):
    """When the PC's own time is believed."""

    wait: Annotated[Length, Field(ge=0)] = 20.0
    """After a start with a clock that can't be right, so long the network's time is waited for before anybody is told.
    Background music airs until the network, or somebody, says what time it is."""
