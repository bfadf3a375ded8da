"""An entry of the as-run log: what was planned, what was commanded, what was heard, and why not."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """How an entry ended."""

    AIRED = "aired"
    PARTIAL = "partial"
    """It sounded, but not from its beginning to its end."""
    SKIPPED = "skipped"
    """It was left out on purpose, by a rule; ``reason`` names it."""
    FAILED = "failed"
    """It should have sounded and could not."""


TAKEN_UP = "中断后从应到之处接上 / interrupted, taken up again"
"""Reason of an entry with a gap that nobody measured: the program ended, and began again."""

BROKEN_OFF = "播出中断 / interrupted by the program's end"
"""Reason of an entry whose end nobody measured."""

CUT_OFF = "程序中断 / the program was cut off"
"""The same, as the next start finds it."""

REPLACED = "播出引擎更换,缺一小段 / engine replaced, a moment is missing"
"""Reason of an entry with a gap: another engine went on with it."""

SILENCED = ("静音:", "全部停播:", "应急广播:", "人工喊话:")
"""So begin the reasons of entries that a hand silenced while they ran."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One spot, or one track of the bed; exactly one of ``spot_id`` and ``track`` is set. Instants are in UTC."""

    id: int
    zone: str
    date: dt.date
    """The date of the rundown, which a spot after midnight shares with the evening before."""
    spot_id: str | None
    track: str | None
    kind: str
    """``script``, ``notice``, ``bed``..."""
    ref: str
    title: str
    planned_at: dt.datetime
    armed_at: dt.datetime | None
    """When the conductor took it on; written before the command is given."""
    commanded_at: dt.datetime | None
    heard_at: dt.datetime | None
    """When the ear first heard it."""
    ended_at: dt.datetime | None
    outcome: Outcome | None
    reason: str
    loudness_lufs: float | None
    """Integrated loudness as heard at the output, in LUFS."""
    heard_by: str | None = None
    """``ear`` where ``heard_at`` was measured at the output, ``player`` where only the player says so."""

    @property
    def open(self) -> bool:
        """Whether its end has not been written yet."""
        return self.outcome is None


def as_json(entry: Entry, tz: dt.tzinfo) -> dict[str, Any]:
    """The entry as ``asrun --json`` and the API give it: instants in ``tz`` with offset and milliseconds."""

    def instant(value: dt.datetime | None) -> str | None:
        return None if value is None else value.astimezone(tz).isoformat(timespec="milliseconds")

    identity = {"spot_id": entry.spot_id} if entry.spot_id is not None else {"track": entry.track}
    loudness = entry.loudness_lufs
    return {
        **identity,
        "kind": entry.kind,
        "ref": entry.ref,
        "title": entry.title,
        "planned_at": instant(entry.planned_at),
        "commanded_at": instant(entry.commanded_at),
        "heard_at": instant(entry.heard_at),
        "ended_at": instant(entry.ended_at),
        "outcome": None if entry.outcome is None else entry.outcome.value,
        "reason": entry.reason,
        # JSON has no infinities, and silence measures as one.
        "loudness_lufs": loudness if loudness is not None and math.isfinite(loudness) else None,
        "heard_by": entry.heard_by,
        "zone": entry.zone,
    }
