"""The emergency page: tap a message, tap a reason, press. Works without a script, and with one hand on a phone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as Answer

from broadcaster.errors import BroadcasterError, NotRunning, UsageError
from broadcaster.web.auth import me, needs, unattended, where, whoever
from broadcaster.web.calls_api import calls
from broadcaster.web.i18n import gettext as _
from broadcaster.web.i18n import language
from broadcaster.web.moment import current_moment
from broadcaster.web.offices import LOOKERS, current_offices, has_offices
from broadcaster.web.words import said

if TYPE_CHECKING:
    from broadcaster.calls.models import Prepared
    from broadcaster.playout.interventions import Intervention

emergency = Blueprint("emergency", __name__)

MOST_REASON = 200


@emergency.get("/emergency")
@needs(*LOOKERS)
def page() -> str:
    """What can be called; or what is on air, and how it ends."""
    office = calls()
    return render_template(
        "emergency.html", messages=_messages(), held=office.emergency(), fire=office.fire_state(), shown=shown
    )


@emergency.get("/emergency/<message>")
@needs(*LOOKERS)
def one(message: str) -> str:
    """One message: what is said, why, and the button that has it said in the whole house."""
    found = next((each for each in _messages() if each.id == message), None)
    if found is None:
        abort(404)
    office = calls()
    return render_template(
        "emergency_one.html", message=found, texts=[(text, _language_of(text)) for text in found.texts],
        reasons=reasons(), sounds=_sounds(message), held=office.emergency(), fire=office.fire_state(), shown=shown,
    )  # fmt: skip


@emergency.post("/emergency/<message>")
@needs(*LOOKERS)
def begin(message: str) -> Answer:
    """On air, until somebody ends it."""
    why = " ".join((request.form.get("words", "") or request.form.get("reason", "")).split())[:MOST_REASON]
    if not why:
        flash(_("Say why: tap a reason, or write one."), "danger")
        return redirect(url_for("emergency.one", message=message), 303)
    try:
        held = calls().call(message, why, by=whoever().name, where=where())
    except BroadcasterError as error:
        return _refused(error, url_for("emergency.one", message=message))
    current_moment().stir()
    flash(_("“%(title)s” is on air in the whole house, until it is ended.") % {"title": shown(held)}, "warning")
    return redirect(url_for("emergency.page"), 303)


@emergency.post("/emergency")
@needs(*LOOKERS)
def end() -> Answer:
    """It is over."""
    try:
        calls().end(by=whoever().name, where=where())
    except BroadcasterError as error:
        return _refused(error, url_for("emergency.page"))
    current_moment().stir()
    flash(_("The emergency message has ended. The broadcast goes on where it should be by now."), "success")
    return redirect(url_for("emergency.page"), 303)


@emergency.get("/emergency/<message>/<int:number>.wav")
@needs(*LOOKERS)
def sound(message: str, number: int) -> Response:
    """What is heard of a message, for one pair of ears."""
    paths = _sounds(message)
    if number >= len(paths) or not paths[number].is_file():
        abort(404)
    return send_file(paths[number], mimetype="audio/wav", conditional=True)


@emergency.get("/part/call")
@unattended
def part() -> str:
    """What every open page shows while an emergency is on air; nothing otherwise."""
    return render_template("part_call.html", **banner())


def banner() -> dict[str, object]:
    """What the banner tells, and whether whoever asks may end it."""
    office = current_offices().calls if has_offices() else None
    held = office.emergency() if office is not None else None
    return {"held": held, "member": me() is not None, "shown": shown}


def shown(held: Intervention) -> str:
    """What a call is named, in the page's language."""
    names = held.params.get("title_zh"), held.params.get("title_en")
    return str((names[1] or names[0]) if language() == "en" else (names[0] or held.target or ""))


def reasons() -> list[str]:
    """Reasons to tap; in words that the audit trail keeps."""
    return [
        _("Fire or smoke"), _("Told to by the fire brigade or the police"), _("Earthquake"), _("Gas or chemical leak"),
        _("Violence or a suspicious object"), _("Drill"),
    ]  # fmt: skip


def _language_of(text: str) -> str:
    """For screen readers, which read the other language wrongly else."""
    return "en" if text.isascii() else "zh-CN"


def _messages() -> list[Prepared]:
    try:
        return list(calls().emergencies())
    except NotRunning:
        # Without a plan nothing can be called, but what an earlier run left can be ended.
        return []


def _sounds(message: str) -> list[Path]:
    try:
        return list(calls().recordings(message))
    except UsageError:
        return []


def _refused(error: BroadcasterError, way: str) -> Answer:
    flash(said(error), "danger")
    return redirect(way, 303)
