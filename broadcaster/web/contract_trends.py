"""The API's documents about trends."""

from __future__ import annotations

import datetime as dt

from pydantic import Field

from broadcaster.web.contract import Contract
from broadcaster.web.offices import LOOKERS
from broadcaster.web.route import DATE, Parameter, Route


class TrendLoudness(Contract):
    """As measured at the output, in LUFS."""

    mean: float = Field(description="of the energies")
    low: float
    high: float
    count: int = Field(description="entries that were measured")


class TrendWeek(Contract):
    """One week, from Monday on, or the whole period."""

    first: dt.date
    days: int = Field(description="dates that are summed up")
    seconds: dict[str, float] = Field(
        description="of programme: music, script, promo, notice, call, silence, fault, unknown; music under speech is "
        "speech"
    )
    missed: dict[str, int] = Field(
        description="by cause: late, conflict, hand, plan, emergency, program, sound, recording, other"
    )
    loudness: dict[str, TrendLoudness] = Field(description="of music and speech")
    due: int = Field(description="spots that were to air")
    aired: int = Field(description="of these, wholly aired")
    vendors: dict[str, int] = Field(description="notices wholly aired and heard, by vendor")


class TrendVendor(Contract):
    """A vendor in the whole period."""

    name: str
    due: int = Field(description="notices in the log")
    heard: int = Field(description="of these, wholly aired and heard")


class Trends(Contract):
    """Weekly figures of a period."""

    first: dt.date
    last: dt.date
    reference_lufs: float
    weeks: list[TrendWeek]
    total: TrendWeek
    vendors: list[TrendVendor]
    missing: list[dt.date] = Field(description="dates that are not summed up yet")


ROUTES = (
    Route(
        "/api/v1/reports/trends", "Weekly figures: the air's parts, what was missed and why, loudness, vendors", Trends,
        query=(
            Parameter("from", "First date; the usual: eight weeks up to yesterday", DATE, "2026-10-05"),
            Parameter("to", "Last date, at most two years on", DATE, "2026-11-27"),
        ),
        roles=LOOKERS,
    ),
)  # fmt: skip
