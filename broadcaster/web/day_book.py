"""The day book of a date: a page made for print, the same as PDF, and as a document for programs."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.wrappers import Response as Answer

from broadcaster.web.auth import needs
from broadcaster.web.day_book_paper import day_book_paper
from broadcaster.web.offices import LOOKERS, current_offices
from broadcaster.web.parse import YEARS, parse_day

if TYPE_CHECKING:
    from broadcaster.paper.parts import Paper
    from broadcaster.reports.day_book_room import DayBookOffice

day_book = Blueprint("day_book", __name__)


@day_book.get("/reports/book")
@needs(*LOOKERS)
def pick() -> Answer:
    """The date chosen in a form."""
    return redirect(url_for("day_book.page", text=parse_day(request.args.get("date", "")).isoformat()))


@day_book.get("/reports/book/<text>")
@needs(*LOOKERS)
def page(text: str) -> str:
    """The book of a date."""
    on = parse_day(text)
    around = (on - dt.timedelta(days=1), on + dt.timedelta(days=1))
    before, after = (one if one.year in YEARS else None for one in around)
    return render_template("day_book.html", on=on, paper=_paper(on), before=before, after=after)


@day_book.get("/reports/book/<text>.pdf")
@needs(*LOOKERS)
def page_pdf(text: str) -> Response:
    """The same to print and to keep."""
    return _printed(parse_day(text))


@day_book.get("/api/v1/reports/book/<date>")
@needs(*LOOKERS)
def document(date: str) -> Response:
    """The same for programs."""
    return jsonify(office().document(parse_day(date)))


@day_book.get("/api/v1/reports/book/<date>.pdf")
@needs(*LOOKERS)
def document_pdf(date: str) -> Response:
    """The PDF for programs."""
    return _printed(parse_day(date))


def office() -> DayBookOffice:
    """Who keeps the book of this app."""
    found = current_offices().book
    if found is None:
        raise ServiceUnavailable
    return found


def _paper(on: dt.date) -> Paper:
    return day_book_paper(office().book(on))


def _printed(on: dt.date) -> Response:
    response = Response(office().printed(_paper(on)), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="day-book-{on.isoformat()}.pdf"'
    return response
