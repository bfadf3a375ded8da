"""The day page: any date's rundown, what became of it, and why each item is there. Open to everybody."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request

from broadcaster.errors import BroadcasterError, UsageError
from broadcaster.web import why
from broadcaster.web.day_sheet import SHOWN, Window, build_sheet
from broadcaster.web.parse import YEARS, parse_day, parse_local_time
from broadcaster.web.report_words import row_words
from broadcaster.web.view import current_station, current_zone
from broadcaster.web.words import instant

days = Blueprint("days", __name__)

FEW = 8
"""Lines of a part that are shown at once; more of them come when they are asked for."""


@days.app_template_filter("day_clock")
def day_clock(value: str | datetime) -> str:
    """``2026-11-28 09:42:00``, by the station's wall clock."""
    return f"{instant(value):%Y-%m-%d %H:%M:%S}"


def show_day(text: str) -> str:
    """The page of a date; the query says which part of it. Raises ``UsageError`` for what is no date or time.

    A part of the page that fetches its lines gets those alone.
    """
    on = parse_day(text)
    station, zone = current_station(), current_zone()
    now = instant(station.status()["now"])
    asked = {name: request.args.get(name, "").strip() for name in ("from", "to", "show")}
    window = _window(on, asked, zone)
    today = station.today()
    context: dict[str, Any] = {
        "on": on,
        "now": now,
        "today": today,
        "before": on - timedelta(days=1) if (on - timedelta(days=1)).year in YEARS else None,
        "after": on + timedelta(days=1) if (on + timedelta(days=1)).year in YEARS else None,
        "asked": asked,
        "whole": not any(asked.values()),
        "printed": bool(request.args.get("print")),
        "all_open": FEW,
        **row_words(),
    }
    try:
        rundown = station.rundown(on)
        entries = station.asrun(on)["entries"] if on <= today else []
    except UsageError:
        raise
    except BroadcasterError as error:
        # What was broadcast must stay readable when the day can't be laid out: the reports have it.
        return render_template("day.html", **context, sheet=None, trouble=str(error))
    sheet = build_sheet(rundown, entries, now, window)
    if request.headers.get("HX-Request") and sheet.parts:
        return render_template("part_lines.html", **context, sheet=sheet, part=sheet.parts[0])
    return render_template("day.html", **context, rundown=rundown, sheet=sheet)


@days.get("/part/why")
def part_why() -> str:
    """Why something is, or was, on air at an instant: a part of the day page, or a page of its own."""
    station, zone = current_station(), current_zone()
    when = parse_local_time(request.args.get("at", ""), zone, station.today())
    if not request.headers.get("HX-Request"):
        return why.answer(when)
    told = station.why(when)
    return render_template("part_why.html", why=told, **why.parts_of(told))


def _window(on: date, asked: dict[str, str], zone: ZoneInfo) -> Window:
    show = asked["show"] or "all"
    if show not in SHOWN:
        raise UsageError(f"{show!r}: {', '.join(SHOWN)}")
    return Window(_clock(on, asked["from"], zone), _clock(on, asked["to"], zone), show)


def _clock(on: date, text: str, zone: ZoneInfo) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.combine(on, time.fromisoformat(text), zone)
    except ValueError:
        raise UsageError(f"{text!r} 不是钟点,写成 10:30 / is not a time of day; write 10:30") from None
