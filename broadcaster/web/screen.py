"""For the store's screens: what is being announced, in large letters, for those who can't hear it. Open to all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, json, render_template

from broadcaster.errors import BroadcasterError
from broadcaster.web.api import AGE
from broadcaster.web.auth import unattended
from broadcaster.web.moment import current_moment
from broadcaster.web.view import Document, StationView, current_station

screen = Blueprint("screen", __name__)

HOURS_KEPT_S = 30.0


@screen.get("/screen")
def page() -> str:
    """The screen itself; it follows by its script."""
    return render_template("screen.html", name=current_station().name)


@screen.get("/api/v1/screen")
@unattended
def feed() -> Response:
    """The words now being announced. Pages of other origins may read it: screens have players of their own."""
    station = current_station()
    told = current_moment().get("screen", lambda: json.dumps(told_to_screens(station, station.status())).encode())
    answer = Response(told.value, mimetype="application/json")
    answer.headers[AGE] = str(round(told.age_s * 1000))
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Access-Control-Expose-Headers"] = AGE
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


def told_to_screens(station: StationView, status: Mapping[str, Any]) -> Document:
    """From a status document: see :class:`broadcaster.web.contract_air.Screen`."""
    call = status["on_air"].get("call") or {}
    # Who calls goes before what is planned, also for those who can't hear it.
    said = call or status["on_air"].get("spot") or {}
    text = (said.get("text") or "").strip()
    silent = not call and any(held["kind"] in ("stop", "mute") for held in status.get("interventions", ()))
    speaking = bool(text) and not silent
    # A rehearsal tells of another day: nobody in the store should read it.
    speaking = speaking and not status["rehearsal"]
    hours = current_moment().get("hours", lambda: next_hours(station), kept_s=HOURS_KEPT_S).value
    return {
        "now": status["now"],
        "speaking": speaking,
        "text": text if speaking else None,
        "title": said.get("title") if speaking else None,
        "until": said.get("ends_at") if speaking else None,
        "language": language_of(text.partition("\n")[0]),
        "store": dict(station.name),
        "hours": hours if not status["rehearsal"] else None,
    }


def language_of(text: str) -> str:
    """``en`` for a line without a Chinese character, else ``zh``."""
    return "zh" if not text or any("\u3400" <= char <= "\u9fff" for char in text) else "en"


def next_hours(station: StationView) -> Document | None:
    """The next time at which the store opens or closes, today or tomorrow."""
    now = datetime.fromisoformat(station.status()["now"])
    found: list[tuple[datetime, str, str]] = []
    for day in (station.today(), station.today() + timedelta(days=1)):
        try:
            hours = station.rundown(day).get("hours") or {}
        except BroadcasterError:
            continue
        found += [(datetime.fromisoformat(at), kind, at) for kind, at in hours.items()]
    return next(({"kind": kind, "at": at} for at_time, kind, at in sorted(_after(found, now))), None)


def _after(found: Sequence[tuple[datetime, str, str]], now: datetime) -> list[tuple[datetime, str, str]]:
    return [one for one in found if one[0] > now]
