"""The API's documents about voices, weather, calibration, backups and kept texts."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import AwareDatetime, Field

from broadcaster.plan.models import WeatherSource
from broadcaster.web.contract import Contract
from broadcaster.web.contract_notices import Asked
from broadcaster.web.contract_station import ON
from broadcaster.web.offices import ADMINISTRATORS, LOOKERS
from broadcaster.web.route import Parameter, Route

#: Who may calibrate the dial by ear.
CARETAKERS = ("announcer", "manager", "it")


class Engine(Contract):
    """A speech engine."""

    name: str
    missing: str = Field(description="what it lacks to speak; empty when it can")
    voices: list[dict[str, str]] = Field(description="`id` and `language` of its voices")


class Engines(Contract):
    """The speech engines, best first."""

    engines: list[Engine]


class Tried(Contract):
    """What came of asking for the weather."""

    text: str = Field(description="what would be said now; empty when there is nothing to say")
    trouble: str
    trouble_en: str


class TestSound(Asked):
    """How loud the calibration sound shall be."""

    gain_db: float = Field(ge=-40, le=0, description="dB to the reference loudness")


class Deed(Contract):
    """What was put on air by hand."""

    id: int
    since: AwareDatetime
    until: AwareDatetime | None


class BackupAsked(Asked):
    """What goes into a backup."""

    music: bool = Field(default=True, description="whether the playlists' audio is in it")


class Backup(Contract):
    """A backup on this machine."""

    name: str
    size: int = Field(description="bytes")
    made_at: AwareDatetime | None = Field(description="null for a damaged one")
    files: int | None
    music: bool | None


class Backups(Contract):
    """Backups on this machine, newest first."""

    backups: list[Backup]


class KeptText(Contract):
    """What was said on a date."""

    ref: str
    title: str
    text: str = Field(description="as written")
    spoken: str = Field(description="as read out")
    author: str
    approved_by: str


class KeptTexts(Contract):
    """All texts of a date."""

    date: dt.date
    texts: list[KeptText]


_VOICE = Parameter("voice", "Name of a voice of the house", example="zh")
_BACKUP = Parameter("name", "Name of a backup", example="20261128-103740.zip")

ROUTES: tuple[Route, ...] = (
    Route("/api/v1/engines", "The speech engines", Engines, roles=LOOKERS),
    Route(
        "/api/v1/voices/{voice}/sample", "A sentence in a voice of the house", None, parameters=(_VOICE,),
        roles=LOOKERS, media_type="audio/wav",
    ),
    Route("/api/v1/weather/try", "Ask for the weather now", Tried, "post", body=WeatherSource, roles=ADMINISTRATORS),
    Route(
        "/api/v1/air/test-sound", "The calibration sound, now", Deed, "post", body=TestSound, status=201,
        roles=CARETAKERS,
    ),
    Route("/api/v1/backups", "Backups on this machine", Backups, roles=ADMINISTRATORS),
    Route("/api/v1/backups", "Make one now", Backup, "post", body=BackupAsked, status=201, roles=ADMINISTRATORS),
    Route(
        "/api/v1/backups/{name}", "The file", None, parameters=(_BACKUP,), roles=ADMINISTRATORS,
        media_type="application/zip",
    ),
    Route("/api/v1/reports/texts/{date}", "Texts of a date, as spoken", KeptTexts, parameters=(ON,), roles=LOOKERS),
)  # fmt: skip


def backup_document(one: Any) -> dict[str, Any]:
    """A :class:`Backup`."""
    manifest = one.manifest
    return {
        "name": one.name,
        "size": one.size,
        "made_at": manifest.made_at.isoformat(timespec="seconds") if manifest else None,
        "files": len(manifest.files) if manifest else None,
        "music": manifest.music if manifest else None,
    }
