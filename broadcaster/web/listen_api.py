"""The API of the record of the air."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from broadcaster.web.auth import needs, where, whoever
from broadcaster.web.listen import record, span
from broadcaster.web.offices import LOOKERS
from broadcaster.web.parse import parse_day
from broadcaster.web.sound import cut_answer
from broadcaster.web.view import current_zone

listen_api = Blueprint("listen_api", __name__, url_prefix="/api/v1/aircheck")


@listen_api.get("/<date>")
@needs(*LOOKERS)
def day(date: str) -> Response:
    """What was recorded of a date."""
    found, zone = record(), current_zone()
    kept = found.day(parse_day(date))
    spans = [
        {"start": start.astimezone(zone).isoformat(), "end": end.astimezone(zone).isoformat()}
        for start, end in kept.spans
    ]
    dates = [on.isoformat() for on in found.days()]
    return jsonify({"date": kept.date.isoformat(), "seconds": round(kept.seconds, 3), "spans": spans, "dates": dates})


@listen_api.get("")
@needs(*LOOKERS)
def cut() -> Response:
    """What was heard between two instants."""
    start, end = span()
    return cut_answer(record().take(start, end, by=whoever().name, where=where()))
