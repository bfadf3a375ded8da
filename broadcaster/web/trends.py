"""Trends over weeks: plots with their tables, on the page and on paper. The page answers at once, plots follow."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.exceptions import ServiceUnavailable

from broadcaster.web.auth import needs
from broadcaster.web.i18n import gettext as _
from broadcaster.web.i18n import language
from broadcaster.web.offices import LOOKERS, current_offices
from broadcaster.web.parse import parse_day
from broadcaster.web.view import current_station

if TYPE_CHECKING:
    from broadcaster.rooms.trends_room import TrendsOffice

trends = Blueprint("trends", __name__)

SPANS_WEEKS = (8, 26, 52, 104)
OPEN_ROWS = 12
"""So many weeks are shown without being asked for."""
#: A plot that somebody opens by itself: nothing in it may run or load.
PLOT_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


@trends.get("/reports/trends")
@needs(*LOOKERS)
def page() -> str:
    """The tables of a period, and where its plots are."""
    first, last = span()
    sheet, usual = office().sheet(first, last, language()), office().usual()
    monday = usual[1] - timedelta(days=usual[1].weekday())
    return render_template(
        "trends.html", trends=sheet.trends, first=first, last=last, grids=sheet.grids, language=language(),
        key=sheet.key, open_rows=OPEN_ROWS,
        spans=[(weeks, monday - timedelta(weeks=weeks - 1), usual[1]) for weeks in SPANS_WEEKS],
        fault_min=sheet.trends.total.seconds.get("fault", 0.0) / 60, today=usual[1] + timedelta(days=1),
    )  # fmt: skip


@trends.get("/reports/trends/<name>.svg")
@needs(*LOOKERS)
def plot(name: str) -> Response:
    """One plot. ``v`` in the address changes with what it shows, so that a browser may keep it."""
    first, last = span()
    asked = "en" if request.args.get("lang", language()) == "en" else "zh"
    response = make_response(office().plot(name, first, last, asked))
    response.content_type = "image/svg+xml"
    response.headers["Content-Security-Policy"] = PLOT_POLICY
    if request.args.get("v"):
        response.headers["Cache-Control"] = "private, max-age=604800"
    return response


@trends.get("/reports/trends.pdf")
@needs(*LOOKERS)
def paper() -> Response:
    """All of it on paper."""
    first, last = span()
    store = current_station().name
    made = office().pdf(first, last, language(), store.get(language()) or store.get("zh", ""))
    response = make_response(made)
    response.content_type = "application/pdf"
    name = f"trends-{first.isoformat()}-{last.isoformat()}.pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def office() -> TrendsOffice:
    """The office of this app."""
    found = current_offices().trends
    if found is None:
        raise ServiceUnavailable
    return found


def span() -> tuple[date, date]:
    """The dates asked for; the usual ones unless given. Raises ``UsageError`` for what is no date."""
    first, last = office().usual()
    asked = {name: request.args.get(name, "").strip() for name in ("from", "to")}
    return parse_day(asked["from"]) if asked["from"] else first, parse_day(asked["to"]) if asked["to"] else last


@trends.app_template_filter("weeks_words")
def weeks_words(weeks: int) -> str:
    """How long a period is."""
    return {26: _("half a year"), 52: _("a year"), 104: _("two years")}.get(weeks, _("8 weeks"))
