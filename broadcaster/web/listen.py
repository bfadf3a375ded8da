"""Listening in: the real output as it is heard now, and as it was heard on any day that is still recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from broadcaster.clock import monotonic
from broadcaster.errors import BroadcasterError, NotRunning
from broadcaster.web.auth import my_session, needs, unattended, where, whoever
from broadcaster.web.heard_links import written
from broadcaster.web.live import build_live, complete
from broadcaster.web.moment import current_moment
from broadcaster.web.offices import LOOKERS, AirRecord, LiveSound, current_offices
from broadcaster.web.parse import parse_day, parse_local_time
from broadcaster.web.report_words import row_words
from broadcaster.web.sound import MP3, cut_answer
from broadcaster.web.view import current_station, current_zone
from broadcaster.web.words import instant

listen = Blueprint("listen", __name__)

PLAYED = timedelta(minutes=10)
"""What the page's player holds from the instant asked for."""
BEFORE = timedelta(minutes=5)
"""Entries of the log are shown from so long before."""
LOOKED_AFTER_S = 10.0
"""So often it is asked whether who listens may still listen."""


@dataclass(frozen=True, slots=True)
class Past:
    """A stretch of the record for the page."""

    start: datetime
    end: datetime
    recorded: bool
    gaps: Sequence[tuple[datetime, datetime]]
    """Within it, the ends included."""
    sound: str
    """Address of the MP3."""
    begins: datetime
    """What its first second is."""
    lines: Sequence[Mapping[str, Any]]


@listen.get("/listen")
@needs(*LOOKERS)
def page() -> str:
    """Listen to the house now, or to what was heard ``at`` an instant, or on a ``date`` at a ``time``."""
    found, station = current_offices().record, current_station()
    now = instant(station.status()["now"])
    asked = _asked(now)
    return render_template(
        "listen.html", days=found.days() if found is not None else (), now=now, asked=asked,
        at=asked or now - BEFORE, past=_past(found, asked, now) if found is not None and asked is not None else None,
        **_now(), **row_words(),
    )  # fmt: skip


@listen.get("/part/listen")
@needs(*LOOKERS)
@unattended
def part() -> str:
    """What is on air and how loud it is, as of now."""
    return render_template("part_listen.html", **_now())


@listen.get("/listen/live.mp3")
@needs(*LOOKERS)
def live() -> Response:
    """What is heard now, a second late, until the listener goes away or may not listen any more."""
    tail = record().listen()
    answer = Response(_while_allowed(tail, _may_still_listen()), mimetype=MP3)
    # Also for an answer whose body nobody asks for: a place is held from the beginning.
    answer.call_on_close(tail.close)
    answer.headers |= {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return answer


@listen.get("/listen/cut.mp3")
@needs(*LOOKERS)
def cut() -> Response:
    """A stretch of the record, ``from`` an instant ``to`` another, to be played."""
    start, end = span()
    return cut_answer(record().cut(start, end))


@listen.post("/listen/download")
@needs(*LOOKERS)
def download() -> Response:
    """The same to be kept; it stands in the audit trail."""
    on = parse_day(request.form.get("date", ""))
    zone = current_zone()
    start, end = (
        parse_local_time(f"{on.isoformat()}T{request.form.get(name, '')}", zone, on) for name in ("from", "to")
    )
    taken = record().take(start, end, by=whoever().name, where=where())
    return cut_answer(taken, file_name=f"air-{start:%Y%m%d-%H%M%S}.mp3")


def record() -> AirRecord:
    """The record of the air. ``NotRunning`` where nothing listens."""
    found = current_offices().record
    if found is None:
        raise NotRunning("这里没有监听 / nothing listens to the output here")
    return found


def span() -> tuple[datetime, datetime]:
    """``from`` and ``to`` of the query. ``UsageError`` for what is no time."""
    zone, today = current_zone(), current_station().today()
    start, end = (
        parse_local_time(request.args.get(name, "").replace(" ", "+"), zone, today) for name in ("from", "to")
    )
    return start, end


def _asked(now: datetime) -> datetime | None:
    zone = current_zone()
    at = request.args.get("at", "").replace(" ", "+")
    if at:
        return parse_local_time(at, zone, now.date())
    on, time = request.args.get("date", ""), request.args.get("time", "")
    if not on or not time:
        return None
    return parse_local_time(f"{parse_day(on).isoformat()}T{time}", zone, now.date())


def _past(found: AirRecord, start: datetime, now: datetime) -> Past:
    end = min(start + PLAYED, max(now, start + timedelta(seconds=1)))
    heard = found.cut(start, end)
    gaps = list(heard.gaps)
    if heard.start is not None:
        stop = heard.start + timedelta(seconds=heard.seconds)
        edges = ((start, heard.start), (stop, end))
        gaps = [edges[0], *gaps, edges[1]]
    return Past(
        start, end, heard.start is not None,
        [(one, other) for one, other in gaps if (other - one) > timedelta(seconds=1)],
        _sound(start, end), heard.start or start,
        _lines(start - BEFORE, end),
    )  # fmt: skip


def _sound(start: datetime, end: datetime) -> str:
    asked: dict[str, Any] = {"from": written(start), "to": written(end)}
    return url_for("listen.cut", **asked)


def _lines(start: datetime, end: datetime) -> list[Mapping[str, Any]]:
    """What the log says was heard between two instants, in order."""
    zone, found = current_zone(), list[Mapping[str, Any]]()
    for on in sorted({start.astimezone(zone).date(), end.astimezone(zone).date()}):
        try:
            entries = current_station().asrun(on)["entries"]
        except BroadcasterError:
            continue
        for entry in entries:
            began = entry.get("heard_at") or entry.get("commanded_at")
            if began and start <= instant(began) < end:
                found.append({**entry, "began": instant(began)})
    return sorted(found, key=lambda entry: entry["began"])


def _now() -> dict[str, Any]:
    station = current_station()
    status = current_moment().get(("document", True), station.status).value
    return {"live": build_live(complete(status, station))}


def _may_still_listen() -> Callable[[], bool]:
    accounts, account, session = current_offices().accounts, whoever(), my_session()

    def may() -> bool:
        try:
            known = accounts.get(account.name)
            if known is None or not known.active or known.role not in LOOKERS:
                return False
            return session is None or any(one.id == session.id for one in accounts.sessions.of(account.id))
        except BroadcasterError:
            return True  # of a database in trouble nobody is thrown out

    return may


def _while_allowed(tail: LiveSound, may: Callable[[], bool]) -> Iterator[bytes]:
    asked_at = monotonic()
    for frames in tail:
        yield frames
        if monotonic() - asked_at > LOOKED_AFTER_S:
            if not may():
                return
            asked_at = monotonic()
