"""What is wrong, and was: looked at and taken note of; and the small count at the top of every page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, abort, flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from broadcaster.errors import BroadcasterError, StoreError
from broadcaster.ops.causes import kind_of
from broadcaster.web.auth import me, needs, unattended, where, whoever
from broadcaster.web.contract_alerts import ACKNOWLEDGERS
from broadcaster.web.i18n import gettext as _
from broadcaster.web.i18n import language
from broadcaster.web.offices import LOOKERS, AlertOffice, current_offices, has_offices, present
from broadcaster.web.view import current_station, current_zone
from broadcaster.web.words import length, said

if TYPE_CHECKING:
    from broadcaster.store.alerts import StoredAlert

alerts = Blueprint("alerts", __name__)

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One alert, in words."""

    id: int
    severity: str
    severity_word: str
    what: str
    remedy: str
    since: datetime
    until: datetime | None
    lasted: str
    told: int
    acknowledged_at: datetime | None
    acknowledged_by: str
    present: bool = True
    code: str = ""


@alerts.app_context_processor
def _badge() -> dict[str, Any]:
    return {"unacknowledged": unacknowledged}


def unacknowledged() -> int | None:
    """How many alerts wait for somebody; None for whoever may not see them."""
    office = current_offices().alerts if has_offices() and me() is not None else None
    return office.unacknowledged() if office is not None else None


@alerts.get("/alerts")
@needs(*LOOKERS)
def show() -> str:
    """Open ones first, then the history."""
    before = request.args.get("before", type=int)
    try:
        rows, trouble = office().history(SHOWN, before), ""
    except StoreError as error:
        # What is open is known without the database.
        rows, trouble = (), said(error)
    now = datetime.fromisoformat(current_station().status()["now"])
    return render_template(
        "alerts.html",
        open=[line(one.row, now, present=one.gone_at is None) for one in office().open()],
        history=[line(row, now) for row in rows],
        older=rows[-1].id if len(rows) >= SHOWN else None,
        trouble=trouble,
        may=whoever().role in ACKNOWLEDGERS,
    )


@alerts.post("/alerts/<int:number>/acknowledge")
@needs(*ACKNOWLEDGERS)
def acknowledge(number: int) -> Answer:
    """Somebody knows."""
    try:
        first = office().acknowledge(number, by=whoever().name, where=where())
    except BroadcasterError as error:
        flash(said(error), "danger")
    else:
        flash(_("Noted: nobody is reminded of it any more.") if first else _("Somebody took note of it before."))
    return redirect(url_for("alerts.show"), 303)


@alerts.get("/part/alerts")
@needs(*LOOKERS)
@unattended
def part() -> str:
    """The count at the top of a page."""
    return render_template("part_badge.html")


def office() -> AlertOffice:
    """Who knows of alerts."""
    return present(current_offices().alerts)


def line(row: StoredAlert, now: datetime, *, present: bool = True) -> Line:
    """In the request's language and the store's time."""
    english, kind, zone = language() == "en", kind_of(row.code), current_zone()
    until = row.cleared_at
    return Line(
        row.id,
        row.severity,
        {"notice": _("Minor"), "warning": _("Warning"), "urgent": _("Urgent")}[row.severity],
        (row.en if english else row.zh) or row.code,
        kind.en if english else kind.zh,
        row.since.astimezone(zone),
        until.astimezone(zone) if until else None,
        length(max(0.0, ((until or now) - row.since).total_seconds())),
        row.told,
        row.acknowledged_at.astimezone(zone) if row.acknowledged_at else None,
        _name(row.acknowledged_by),
        present,
        row.code,
    )


def _name(account: str | None) -> str:
    if not account:
        return ""
    found = current_offices().accounts.get(account)
    return found.display if found is not None else account


alerts_api = Blueprint("alerts_api", __name__, url_prefix="/api/v1/alerts")


@alerts_api.get("")
@needs(*LOOKERS)
def listed() -> Response:
    """What is open and what was."""
    return _document(request.args.get("before", type=int))


@alerts_api.post("/<int:number>/acknowledge")
@needs(*ACKNOWLEDGERS)
def take_note(number: int) -> Response:
    """Somebody knows."""
    if number not in {one.row.id for one in office().open()}:
        abort(404)
    office().acknowledge(number, by=whoever().name, where=where())
    return _document(None)


def _document(before: int | None) -> Response:
    opened = office().open()
    return jsonify({
        "open": [_state(one.row, present=one.gone_at is None) for one in opened],
        "unacknowledged": sum(one.row.acknowledged_at is None for one in opened),
        "history": [_state(row, present=False) for row in office().history(SHOWN, before)],
    })  # fmt: skip


def _state(row: StoredAlert, *, present: bool) -> dict[str, Any]:
    kind, zone = kind_of(row.code), current_zone()

    def iso(instant: datetime | None) -> str | None:
        return instant.astimezone(zone).isoformat(timespec="seconds") if instant else None

    return {
        "id": row.id, "code": row.code, "subject": row.subject, "severity": row.severity, "message": row.zh,
        "message_en": row.en, "remedy": kind.zh, "remedy_en": kind.en, "since": iso(row.since),
        "cleared_at": iso(row.cleared_at), "present": present, "told": row.told, "told_at": iso(row.told_at),
        "acknowledged_at": iso(row.acknowledged_at), "acknowledged_by": row.acknowledged_by,
    }  # fmt: skip
