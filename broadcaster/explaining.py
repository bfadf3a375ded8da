"""``why`` for past and future: the rundown's explanation, and beside it what the log says was really on air."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from broadcaster.asrun.entries import as_json
from broadcaster.asrun.log import AsRunLog
from broadcaster.by_hand import add_reasons
from broadcaster.plan.plan import Plan
from broadcaster.playout.interventions import NONE, Interventions
from broadcaster.rundown.events import Rundown
from broadcaster.rundown.explain import explain
from broadcaster.rundown.trimming import trimmed


def why_document(
    plan: Plan, rundown: Rundown, instant: datetime, asrun: AsRunLog | None, *, now: datetime,
    hands: Interventions = NONE,
) -> dict[str, Any]:  # fmt: skip
    """The answer of ``broadcaster why --json``. ``hands`` is what people did by hand, as far as it is known."""
    document = explain(plan, trimmed(plan, rundown, hands.trims(instant)), instant, hands.bed_skips)
    add_reasons(document, plan, rundown, instant, hands)
    document["aired"] = []
    document["left_out"] = []
    if asrun is None or instant > now:
        return document
    tz = plan.station.tz
    document["aired"] = [as_json(entry, tz) for entry in asrun.entry_at(instant)]
    spot = rundown.spot_at(instant)
    entry = asrun.spots_of(rundown.date).get(spot.id) if spot is not None else None
    if entry is not None and entry.reason:
        document["left_out"] = [as_json(entry, tz)]
        document["because"].append(f"日志:{entry.outcome} — {entry.reason}")
        document["because_en"].append(f"Log: {entry.outcome} — {entry.reason}")
    return document
