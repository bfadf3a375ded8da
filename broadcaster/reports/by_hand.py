"""What people did to the air by hand, in documents: the status, a day's rundown, and ``why``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from broadcaster.plan.models import Names
from broadcaster.plan.plan import Plan
from broadcaster.playout.interventions import NONE, Intervention, Interventions, told
from broadcaster.rundown.document import iso
from broadcaster.rundown.events import Rundown
from broadcaster.rundown.trimming import trimmed


def intervention_document(plan: Plan, one: Intervention) -> dict[str, Any]:
    """One deed, as status and API tell it."""
    tz = plan.station.tz
    title, words = _title(plan, one), told(one, tz)
    return {
        "id": one.id,
        "kind": one.kind,
        "target": one.target,
        "params": _public(one.params),
        "title": title.zh,
        "title_zh": title.zh,
        "title_en": title.text("en"),
        "since": iso(one.since, tz),
        "until": iso(one.until, tz),
        "ended_at": iso(one.ended_at, tz),
        "who": one.shown,
        "account": one.who,
        "reason": one.reason,
        "words": words.zh,
        "words_en": words.text("en"),
    }


def _public(params: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is for the program only, such as paths on this machine."""
    return {name: value for name, value in params.items() if name not in ("path", "key", "shown")}


def _title(plan: Plan, one: Intervention) -> Names:
    if one.kind == "trim" and (level := plan.level(one.target or "")) is not None:
        return level.title
    if "title_zh" in one.params:
        return Names(zh=str(one.params["title_zh"]), en=str(one.params.get("title_en") or one.params["title_zh"]))
    return Names(zh=one.target or "")


def as_trimmed(plan: Plan, rundown: Rundown, hands: Interventions, now: datetime) -> Rundown:
    """A day's rundown at the levels that hold now, if it is one of those that they hold for."""
    today = now.astimezone(plan.station.tz).date()
    return trimmed(plan, rundown, hands.trims(now)) if rundown.date == today else rundown


def mark_skipped(spots: Sequence[dict[str, Any]], hands: Interventions) -> None:
    """Say in a rundown's spots which were taken off the air, and by whom."""
    for spot in spots:
        held = hands.skipped(str(spot["id"]))
        spot["skipped_by"] = held.shown if held is not None else None


def add_reasons(
    document: dict[str, Any], plan: Plan, rundown: Rundown, instant: datetime, hands: Interventions, now: datetime
) -> None:
    """Put into an answer of ``why`` what people had to do with that instant.

    How long a silence without an end will last nobody knows: of what is to come it says nothing. Levels do.
    """
    if hands is NONE:
        return
    found = [one for one in hands.at(instant) if instant <= now or one.over_at is not None or one.kind == "trim"]
    spot = rundown.spot_at(instant)
    skip = hands.skipped(spot.id) if spot is not None else None
    lines = [told(one, plan.station.tz) for one in found]
    if spot is not None and skip is not None:
        lines.append(
            Names(
                zh=f"“{spot.title.zh}”由{skip.shown}跳过。",
                en=f"“{spot.title.text('en')}” was skipped by {skip.shown}.",
            )
        )
    track = document.get("track")
    if track is not None:
        lines += [
            Names(zh=f"曲目由{one.who}跳到下一首。", en=f"The track before was skipped by {one.who}.")
            for one in hands.bed_skips
            if one.at <= instant and (instant - one.at).total_seconds() <= float(track["offset_s"]) + 0.05
        ]
    document["because"] += [line.zh for line in lines]
    document["because_en"] += [line.text("en") for line in lines]
    document["interventions"] = [
        intervention_document(plan, one) for one in [*found, *([skip] if skip is not None else [])]
    ]
