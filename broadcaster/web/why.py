"""Why something is, or was, on air: any second of any date, chosen in a form or reached by a link. Open to all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, render_template, request

from broadcaster.errors import UsageError
from broadcaster.web.heard_links import heard_links
from broadcaster.web.i18n import gettext as _
from broadcaster.web.i18n import language
from broadcaster.web.parse import YEARS, parse_local_time
from broadcaster.web.view import current_station, current_zone
from broadcaster.web.words import instant

why = Blueprint("why", __name__)

STEPS_S = (-600, -60, -10, 10, 60, 600)
SHAPES = {
    "to-come": "planned", "as-planned": "aired", "by-hand": "partial", "differed": "failed", "unknown": "unrecorded",
}  # fmt: skip


@why.get("/why")
def page() -> str:
    """The answer for ``at``, or for a date and a time of day; for now unless one is given."""
    asked = {name: request.args.get(name, "").strip()[:40] for name in ("at", "date", "time")}
    station, zone = current_station(), current_zone()
    try:
        if asked["at"]:
            when = parse_local_time(asked["at"], zone, station.today())
        elif asked["date"] or asked["time"]:
            day = asked["date"] or station.today().isoformat()
            when = parse_local_time(f"{day}T{asked['time'] or '12:00'}", zone, station.today())
        else:
            when = instant(station.status()["now"]).replace(microsecond=0)
    except UsageError as error:
        if asked["at"]:
            # A link that is wrong is wrong; what somebody typed can be mended.
            raise
        return render_template("why.html", why=None, trouble=str(error), asked=asked)
    return answer(when)


def answer(when: datetime) -> str:
    """The page about an instant."""
    told = current_station().why(when)
    at = instant(told["at"])
    link = heard_links()(at) if (told.get("air") or {}).get("state") != "to-come" else ""
    return render_template(
        "why.html", why=told, at=at, asked={"date": f"{at:%Y-%m-%d}", "time": f"{at:%H:%M:%S}"}, heard=link,
        steps=[(step, address(at + timedelta(seconds=step))) for step in STEPS_S if at.year + 1 in YEARS],
        **parts_of(told),
    )  # fmt: skip


def parts_of(told: Mapping[str, Any]) -> dict[str, Any]:
    """The answer's sentences in the request's language: what aired, and why it was planned so."""
    english = language() == "en"
    because = list((told.get("because_en") if english else None) or told["because"])
    air = told.get("air") or {}
    aired = list(air.get("lines_en" if english else "lines", ()))
    # Those of the air stand at the end of the whole answer.
    planned = [line for line in because if line not in aired]
    state = str(air.get("state", ""))
    return {"air_lines": aired, "because": planned, "state": state, "shape_name": SHAPES.get(state, "unrecorded")}


def address(when: datetime) -> str:
    """Of the answer about an instant."""
    return f"/why?{urlencode({'at': when.isoformat(timespec='seconds')})}"


@why.app_template_filter("step_words")
def step_words(seconds: int) -> str:
    """``−10 min``: how far a link goes."""
    sign = "+" if seconds > 0 else "\u2212"
    size = abs(seconds)
    return f"{sign}{size // 60} {_('min')}" if size >= 60 else f"{sign}{size} {_('s')}"
