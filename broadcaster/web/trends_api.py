"""The API of the trends."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify

from broadcaster.web.auth import needs
from broadcaster.web.offices import LOOKERS
from broadcaster.web.trends import office, span

if TYPE_CHECKING:
    from broadcaster.trends.figures import Week

trends_api = Blueprint("trends_api", __name__, url_prefix="/api/v1")


@trends_api.get("/reports/trends")
@needs(*LOOKERS)
def figures() -> Response:
    """Weekly figures of a period."""
    found = office().trends(*span())
    return jsonify({
        "first": found.first.isoformat(), "last": found.last.isoformat(), "reference_lufs": found.reference_lufs,
        "weeks": [_week(week) for week in found.weeks], "total": _week(found.total),
        "vendors": [asdict(one) for one in found.vendors],
        "missing": [on.isoformat() for on in found.missing],
    })  # fmt: skip


def _week(week: Week) -> dict[str, Any]:
    return {
        "first": week.first.isoformat(), "days": week.days, "seconds": dict(week.seconds), "missed": dict(week.missed),
        "loudness": {voice: asdict(one) for voice, one in week.loudness.items()}, "due": week.due,
        "aired": week.aired, "vendors": dict(week.vendors),
    }  # fmt: skip
