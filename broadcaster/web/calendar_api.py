"""The API of the calendar: parse, ask the office once, answer."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify
from werkzeug.exceptions import NotFound

from broadcaster.web.auth import needs
from broadcaster.web.calendar import calendar_office
from broadcaster.web.offices import LOOKERS
from broadcaster.web.parse import YEARS, parse_day

if TYPE_CHECKING:
    from broadcaster.rooms.calendar_room import CalendarDay

calendar_api = Blueprint("calendar_api", __name__, url_prefix="/api/v1")


@calendar_api.get("/calendar/<int:year>")
@needs(*LOOKERS)
def year(year: int) -> Response:
    """All dates of a year."""
    if year not in YEARS:
        raise NotFound
    office = calendar_office()
    kinds = [
        {"id": kind.id, "zh": kind.title.zh, "en": kind.title.text("en"), "natural": kind.natural}
        for kind in office.kinds()
    ]
    days = [document(day) for day in office.days(date(year, 1, 1), date(year, 12, 31))]
    return jsonify({"year": year, "arranged": office.arranged(year), "kinds": kinds, "days": days})


@calendar_api.get("/days/<text>")
@needs(*LOOKERS)
def day(text: str) -> Response:
    """One date."""
    on = parse_day(text)
    return jsonify(document(calendar_office().days(on, on)[0]))


def document(day: CalendarDay) -> dict[str, Any]:
    """A :class:`~broadcaster.web.contract_calendar.CalendarDay`."""
    public = day.public
    return {
        "date": day.date.isoformat(),
        "types": list(day.types),
        "open": day.open,
        "close": day.close,
        "other_hours": day.other_hours,
        "public": {"kind": public.kind, "zh": public.zh, "en": public.en} if public else None,
        "reasons": {name: {"zh": why.zh, "en": why.text("en")} for name, why in day.reasons.items()},
        "set": day.entry.model_dump(mode="json", by_alias=True, exclude_defaults=True) if day.entry else None,
    }
