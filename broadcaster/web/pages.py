"""The pages, and the parts of them that a living page fetches anew."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as Answer

from broadcaster.errors import BroadcasterError, UsageError
from broadcaster.web.auth import unattended
from broadcaster.web.i18n import COOKIE, LANGUAGES
from broadcaster.web.live import build_live, complete
from broadcaster.web.parse import YEARS, parse_day
from broadcaster.web.security import safe_return
from broadcaster.web.timeline import build_day
from broadcaster.web.view import StationView, current_station, current_zone
from broadcaster.web.words import instant

pages = Blueprint("pages", __name__)

COOKIE_AGE = timedelta(days=365)


@pages.get("/")
def air() -> str:
    """On air now, what comes, and today."""
    station = current_station()
    return render_template("air.html", **_live(station), **_day(station, station.today(), live=True))


@pages.get("/day/<text>")
def day(text: str) -> str:
    """Any date."""
    return render_template("day.html", **_day(current_station(), parse_day(text), live=False))


@pages.get("/day")
def pick_day() -> Answer:
    """The date chosen in the page's form."""
    return redirect(f"/day/{parse_day(request.args.get('date', '')).isoformat()}")


@pages.get("/part/live")
@unattended
def part_live() -> str:
    """On air, next and health, as they are now."""
    return render_template("part_live.html", **_live(current_station()))


@pages.get("/part/today")
@unattended
def part_today() -> str:
    """Today's timeline and table, as they are now."""
    station = current_station()
    return render_template("part_day.html", **_day(station, station.today(), live=True))


@pages.get("/lang/<code>")
def choose_language(code: str) -> Response:
    """Remember a language, and go back to ``next`` if that is one of our pages."""
    if code not in LANGUAGES:
        abort(404)
    response = make_response(redirect(safe_return(request.args.get("next"))))
    response.set_cookie(COOKIE, code, max_age=COOKIE_AGE, httponly=True, samesite="Lax", secure=request.is_secure)
    return response


def _live(station: StationView) -> dict[str, Any]:
    status = complete(station.status(), station)
    refused = station.check()["faults"] if status["plan"]["faults"] else []
    return {"live": build_live(status), "refused": refused}


def _day(station: StationView, on: date, *, live: bool) -> dict[str, Any]:
    now = instant(station.status()["now"])
    context = {
        "on": on,
        "now": now,
        "is_live": live,
        "today": station.today(),
        "before": on - timedelta(days=1) if (on - timedelta(days=1)).year in YEARS else None,
        "after": on + timedelta(days=1) if (on + timedelta(days=1)).year in YEARS else None,
    }
    try:
        rundown = station.rundown(on)
        entries = station.asrun(on)["entries"]
    except UsageError:
        raise
    except BroadcasterError as error:
        # What is on air must stay readable when the day can't be laid out.
        return {**context, "day": None, "trouble": str(error)}
    return {**context, "rundown": rundown, "day": build_day(rundown, entries, now, current_zone())}
