"""The rundown in the form of ``broadcaster rundown --json`` and the API, as ``broadcaster.web.contract`` has it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from broadcaster.plan.faults import Fault
from broadcaster.plan.plan import Plan
from broadcaster.rundown.day_clock import DayClock
from broadcaster.rundown.events import Rundown, Segment, Spot


def iso(instant: datetime | None, tz: ZoneInfo) -> str | None:
    """Local time with offset; milliseconds only where there are any."""
    if instant is None:
        return None
    local = instant.astimezone(tz)
    return local.isoformat(timespec="milliseconds" if local.microsecond else "seconds")


def rundown_document(plan: Plan, rundown: Rundown) -> dict[str, Any]:
    """Everything that should air on the date."""
    clock = DayClock(rundown.date, rundown.tz)
    return {
        "date": rundown.date.isoformat(),
        "timezone": plan.station.timezone,
        "day_types": list(rundown.day.types),
        "hours": {"open": iso(clock.instant(clock.real(rundown.day.open_s)), rundown.tz),
                  "close": iso(clock.instant(clock.real(rundown.day.close_s)), rundown.tz)},
        "segments": [segment_document(plan, segment, rundown.tz) for segment in rundown.segments],
        "spots": [spot_document(plan, spot, rundown.tz) for spot in rundown.spots],
        "faults": [told(fault) for fault in rundown.faults],
        "warnings": [told(fault) for fault in rundown.warnings],
    }  # fmt: skip


def segment_document(plan: Plan, segment: Segment, tz: ZoneInfo) -> dict[str, Any]:
    """One segment."""
    level = plan.level(segment.level) if segment.level else None
    bed = {"kind": "playlist", "playlist": segment.bed.playlist} if segment.bed else {"kind": "silence"}
    return {
        "start": iso(segment.start, tz),
        "end": iso(segment.end, tz),
        "daypart": segment.daypart,
        "title": segment.title.zh,
        "title_zh": segment.title.zh,
        "title_en": segment.title.text("en"),
        "bed": bed,
        "level": segment.level,
        "level_zh": level.title.zh if level else None,
        "level_en": level.title.text("en") if level else None,
        "dial": segment.dial,
        "gain_db": segment.gain_db,
    }


def spot_document(plan: Plan, spot: Spot, tz: ZoneInfo) -> dict[str, Any]:
    """One spot."""
    return {
        "id": spot.id,
        "at": iso(spot.at, tz),
        "duration_s": round(spot.duration_s, 3),
        "kind": spot.kind,
        "ref": spot.ref,
        "title": spot.title.zh,
        "title_zh": spot.title.zh,
        "title_en": spot.title.text("en"),
        "repeat": spot.repeat,
        "priority": spot.priority,
        "daypart": spot.daypart,
        "level": spot.level,
        "dial": spot.dial,
        "gain_db": spot.gain_db,
        "bed": spot.bed,
        "lateness": spot.lateness.as_json(),
        "rule": _rule(plan, spot),
        "moved_from": iso(spot.moved_from, tz),
        "by": spot.by or None,
    }


def _rule(plan: Plan, spot: Spot) -> str:
    if spot.by:
        return f"{spot.rule} ({spot.by})"
    # A notice with times of its own stands in no file of the plan.
    where = str(plan.source(spot.source))
    return f"{spot.rule} ({where})" if where else f"通知 / notice {spot.rule}"


def told(fault: Fault) -> dict[str, Any]:
    """A fault or warning in the rundown's form, with its place."""
    message = f"{fault.message('zh')} {fault.remedy('zh')}".strip()
    message_en = f"{fault.message('en')} {fault.remedy('en')}".strip()
    return {
        "code": fault.code,
        "message": message,
        "message_en": message_en,
        "file": fault.file or None,
        "line": fault.line,
    }
