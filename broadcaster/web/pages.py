"""The first page and the days, and the parts of them that a living page fetches anew."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response as Answer

from broadcaster.errors import BroadcasterError, UsageError
from broadcaster.web.auth import me, unattended
from broadcaster.web.day_page import show_day
from broadcaster.web.deeds import deeds_of, trims_of
from broadcaster.web.i18n import COOKIE, LANGUAGES, language
from broadcaster.web.live import build_live, complete
from broadcaster.web.moment import current_moment
from broadcaster.web.offices import COMMANDERS, current_offices, has_offices
from broadcaster.web.parse import YEARS, parse_day
from broadcaster.web.security import safe_return
from broadcaster.web.timeline import build_day
from broadcaster.web.view import Document, StationView, current_station, current_zone, sees_names
from broadcaster.web.words import instant

pages = Blueprint("pages", __name__)

COOKIE_AGE = timedelta(days=365)
DAY_KEPT_S = 2.0
"""A day that looks the same by the status is not laid out again; the log may follow the air by a second."""


@pages.get("/")
def air() -> str:
    """On air now, what comes, today; and what may be done about it."""
    station = current_station()
    status = station.status()
    commands = may_command()
    return render_template(
        "air.html",
        **_live(station, status, commands),
        deeds=deeds_of(status) if commands else None,
        today=Markup(_today(station, status)),
    )


@pages.get("/day/<text>")
def day(text: str) -> str:
    """Any date."""
    return show_day(text)


@pages.get("/day")
def pick_day() -> Answer:
    """The date chosen in the page's form."""
    return redirect(f"/day/{parse_day(request.args.get('date', '')).isoformat()}")


@pages.get("/part/live")
@unattended
def part_live() -> str:
    """On air, next and health, as they are now."""
    station, commands = current_station(), may_command()

    def make() -> str:
        status = current_moment().get(("document", sees_names()), station.status).value
        return render_template("part_live.html", **_live(station, status, commands))

    return current_moment().get(("live", language(), commands, sees_names()), make).value


@pages.get("/part/today")
@unattended
def part_today() -> str:
    """Today's timeline and table, as they are now."""
    station = current_station()
    return _today(station, current_moment().get(("document", sees_names()), station.status).value)


@pages.get("/lang/<code>")
def choose_language(code: str) -> Response:
    """Remember a language, and go back to ``next`` if that is one of our pages."""
    if code not in LANGUAGES:
        abort(404)
    response = make_response(redirect(safe_return(request.args.get("next"))))
    response.set_cookie(COOKIE, code, max_age=COOKIE_AGE, httponly=True, samesite="Lax", secure=request.is_secure)
    return response


def may_command() -> bool:
    """Whether who asks may do something about the air."""
    account = me()
    return account is not None and account.role in COMMANDERS and has_offices() and current_offices().air is not None


def _live(station: StationView, status: Document, commands: bool) -> dict[str, Any]:
    whole = complete(status, station)
    refused = station.check()["faults"] if whole["plan"]["faults"] else []
    live = build_live(whole, trims_of(whole) if commands else ())
    return {"live": live, "refused": refused, "commands": commands}


def _today(station: StationView, status: Document) -> str:
    """The day on air; laid out anew when by the status something of it changed."""
    on, now, told = station.today(), instant(status["now"]), status["on_air"]
    looks = (
        on.isoformat(),
        f"{now:%H:%M}",
        str(status["plan"]),
        (told.get("spot") or {}).get("id"),
        (told.get("track") or {}).get("started_at"),
        tuple(held.get("id") for held in status.get("interventions", ())),
    )

    key = ("day", language(), looks, sees_names())
    return current_moment().get(key, lambda: _day(station, on, now, key), kept_s=DAY_KEPT_S).value


def _day(station: StationView, on: date, now: datetime, key: Hashable) -> str:
    context = {
        "on": on,
        "now": now,
        "is_live": True,
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
        return render_template("part_day.html", **context, day=None, trouble=str(error))

    def draw() -> str:
        day = build_day(rundown, entries, now, current_zone())
        return render_template("part_day.html", **context, rundown=rundown, day=day)

    return current_moment().drawn(key, (rundown, entries), draw)
