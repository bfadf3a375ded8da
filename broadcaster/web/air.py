"""What the first page does about the air. Every deed answers a script with a toast that can take it back, and a form
sent without a script with the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from broadcaster.errors import (
    BroadcasterError,
    Conflict,
    FormError,
    NoticeError,
    NotRunning,
    PlanError,
    StoreError,
    TooOften,
    UsageError,
)
from broadcaster.web.auth import needs, where, whoever
from broadcaster.web.calls import call as call_form
from broadcaster.web.closing import Closing, closing_now
from broadcaster.web.deeds import is_event
from broadcaster.web.i18n import gettext as _
from broadcaster.web.i18n import language, title_of
from broadcaster.web.moment import current_moment
from broadcaster.web.notice_words import label_of
from broadcaster.web.offices import COMMANDERS, AirDesk, PlanRoom, current_offices
from broadcaster.web.parse import parse_number
from broadcaster.web.plan_api import hold_to_role
from broadcaster.web.view import current_station
from broadcaster.web.words import clock_short, number, said

if TYPE_CHECKING:
    from broadcaster.playout.interventions import Intervention

air = Blueprint("air", __name__, url_prefix="/air")

#: Sent by the page's script, which wants a toast and not a page.
BY_SCRIPT = "X-Deed"
LISTED = 60


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a deed."""

    words: str
    undo: str | None = None
    """Address that takes it back."""
    link: str | None = None
    """Address where it can be followed."""
    sure: tuple[str, str] | None = None
    """Nothing was done yet: the word of the button that has it done all the same, and its address."""


def deed(view: Callable[..., Done]) -> Callable[..., Answer]:
    """A view that does something and says what; errors are said in the same way."""

    @wraps(view)
    def done(*args: Any, **kwargs: Any) -> Answer:
        try:
            answer = view(*args, **kwargs)
            status = 200 if answer.sure is None else 409
        except BroadcasterError as error:
            answer, status = Done(_told(error)), _status(error)
        current_moment().stir()
        if request.headers.get(BY_SCRIPT):
            return make_response(render_template("part_toast.html", done=answer, good=status == 200), status)
        flash(answer.words, "success" if status == 200 else "danger")
        return redirect(url_for("pages.air"), 303)

    return done


def _status(error: BroadcasterError) -> int:
    known = {FormError: 422, NoticeError: 409, Conflict: 409, TooOften: 429, UsageError: 400, NotRunning: 503}
    known |= {PlanError: 409, StoreError: 503}
    return next((status for kind, status in known.items() if isinstance(error, kind)), 500)


def _told(error: BroadcasterError) -> str:
    """In the language of the page, where both are in the error's text."""
    if isinstance(error, FormError):
        return " ".join(words[1] if language() == "en" else words[0] for words in error.blanks.values())
    return said(error)


def desk() -> AirDesk:
    """The hand on the air. ``NotRunning`` where there is none."""
    found = current_offices().air
    if found is None:
        raise NotRunning("这里管不了播出 / the air can't be changed from here")
    return found


def plan_room() -> PlanRoom:
    """The plan's files. ``NotRunning`` where there are none."""
    found = current_offices().plan
    if found is None:
        raise NotRunning("这里改不了日历 / the calendar can't be changed from here")
    return found


@air.post("/skip")
@needs(*COMMANDERS)
@deed
def skip() -> Done:
    """The spot that sounds, or comes; or the track."""
    spot = request.form.get("spot", "")
    if not spot:
        held = desk().skip("track", request.form.get("track", ""), by=whoever().name, where=where())
        return Done(_("On to the next track."), undo_of(held))
    sounding = (current_station().status()["on_air"].get("spot") or {}).get("id")
    held = desk().skip("spot", spot, by=whoever().name, where=where())
    # What was cut off can't be unsaid.
    return Done(_("Skipped."), None if sounding == spot else undo_of(held))


@air.post("/pause")
@needs(*COMMANDERS)
@deed
def pause() -> Done:
    """The bed is silent for some minutes."""
    held = desk().pause(minutes("minutes"), by=whoever().name, where=where())
    return Done(
        _("The music is paused until %(at)s, then it comes back by itself.") % {"at": until(held)}, undo_of(held)
    )


@air.post("/mute")
@needs(*COMMANDERS)
@deed
def mute() -> Done:
    """Nothing is heard for some minutes."""
    held = desk().mute(minutes("minutes"), by=whoever().name, where=where())
    return Done(_("Muted until %(at)s, then it is heard again by itself.") % {"at": until(held)}, undo_of(held))


@air.post("/stop")
@needs(*COMMANDERS)
@deed
def stop() -> Done:
    """Everything stops."""
    reason = " ".join(request.form.get("reason", "").split())
    if not reason:
        raise UsageError("请写明停播原因 / say why everything stops")
    held = desk().stop(reason[:200], by=whoever().name, where=where())
    return Done(_("Everything is stopped until somebody lets it go on."), undo_of(held))


@air.post("/trim/<level>")
@needs(*COMMANDERS)
@deed
def trim(level: str) -> Done:
    """A level, for the rest of the day."""
    dial = parse_number(request.form.get("dial", ""))
    held = desk().trim(level, dial, by=whoever().name, where=where())
    title = current_offices().choices().ranges.get(level)
    name = title_of(title.title) if title else level
    return Done(
        _("%(level)s: dial %(dial)s for the rest of today.") % {"level": name, "dial": number(dial)}, undo_of(held)
    )


@air.post("/play")
@needs(*COMMANDERS)
@deed
def play() -> Done:
    """A notice or a script, once, now: ``what`` is ``notice:notice-12`` or ``script:welcome``."""
    kind, _colon, ref = request.form.get("what", "").partition(":")
    if kind not in ("script", "notice") or not ref:
        raise UsageError("请选一条来播 / choose what to play")
    held = desk().play("script" if kind == "script" else "notice", ref, by=whoever().name, where=where())
    return Done(_("It is on air as soon as nobody is speaking."), undo_of(held))


@air.post("/end/<int:number>")
@needs(*COMMANDERS)
@deed
def end(number: int) -> Done:
    """Take back what holds."""
    held = desk().end(number, by=whoever().name, where=where())
    return Done(ended_words(held))


@air.post("/form/<name>")
@needs(*COMMANDERS)
@deed
def call(name: str) -> Done:
    """A ready-made form: on air at once where the form allows it."""
    offices = current_offices()
    form = offices.forms().get(name)
    if form is None:
        raise UsageError(f"没有表单 {name} / there is no form {name}")
    blanks = {blank.id: request.form.get(blank.id, "") for blank in form.blanks}
    called = call_form(form, blanks, english=bool(request.form.get("english")))
    record = called.record
    link = url_for("notices.show", number=record.id)
    if called.again:
        return Done(
            _("%(title)s: this was called a moment ago already, and is not called twice.")
            % {"title": label_of(form.title)},
            link=link,
        )
    if record.state == "submitted":
        return Done(
            _("%(title)s: submitted. Somebody else must approve it.") % {"title": label_of(form.title)}, link=link
        )
    return Done(_("%(title)s: it is spoken, and on air in a few seconds.") % {"title": label_of(form.title)}, link=link)


@air.post("/closing")
@needs(*COMMANDERS)
@deed
def closing() -> Done:
    """Close today ``at`` a time of day; earlier than planned only with ``sure``."""
    from broadcaster.editing.models import DayMark

    today = closing_now()
    at = today.at(request.values.get("at", ""))
    shown = today.clock(at)
    if at == today.closes:
        return Done(_("Today the store closes at %(at)s already: nothing had to be changed.") % {"at": shown})
    if today.closes is not None and at < today.closes and request.values.get("sure") != "1":
        return Done(earlier_words(today, at), sure=(
            _("Close at %(at)s") % {"at": shown}, url_for("air.closing", at=shown, sure="1"),
        ))  # fmt: skip
    is_earlier = today.closes is not None and at < today.closes
    words = (
        _("Today the store closes at %(at)s, earlier than planned.")
        if is_earlier
        else _("Today the store closes at %(at)s: what goes by closing time moves with it.")
    )
    return marked(DayMark(close=shown), words % {"at": shown})


def earlier_words(today: Closing, at: datetime) -> str:
    """What is lost by closing earlier than planned."""
    return _(
        "That is earlier than the %(planned)s of now. From %(at)s on there is no music, and %(count)s announcements "
        "planned after that are not heard today; what goes by closing time moves with it."
    ) % {"planned": today.shown, "at": today.clock(at), "count": today.lost(at)}


@air.get("/closing")
@needs(*COMMANDERS)
def closing_times() -> str:
    """What to choose from, by the closing time of now."""
    return render_template("part_closing.html", closing=closing_now())


@air.post("/event")
@needs(*COMMANDERS)
@deed
def event() -> Done:
    """Today is an event day, or is none any more."""
    from broadcaster.editing.models import DayMark

    on = request.form.get("on") == "1"
    if is_event() == on:
        return Done(_("Today is an event day already.") if on else _("Today is no event day anyway."))
    mark = DayMark(add=("event",)) if on else DayMark(remove=("event",))
    return marked(mark, _("Today is an event day now.") if on else _("Today is no event day any more."))


@air.post("/unmark/<int:version>")
@needs(*COMMANDERS)
@deed
def unmark(version: int) -> Done:
    """Put back what was before a mark of today."""
    found = plan_room().version(version)
    if found is None:
        raise UsageError(f"没有第 {version} 版 / there is no version {version}")
    hold_to_role(found.changed)
    desk().count(whoever().name)
    plan_room().undo(version, who=whoever().name, where=where())
    return Done(_("Taken back: today is as it was."))


@air.get("/list")
@needs(*COMMANDERS)
def listed() -> str:
    """What can be played now: notices that are ready, newest first, and scripts."""
    offices = current_offices()
    notices = offices.notices.list(state="ready", limit=LISTED)
    return render_template("part_play.html", notices=notices, scripts=offices.choices().scripts)


def marked(mark: Any, words: str) -> Done:
    """Mark today in the calendar."""
    desk().count(whoever().name)
    version = plan_room().mark_day(current_station().today(), mark, who=whoever().name, where=where())
    return Done(words, url_for("air.unmark", version=version.id))


def undo_of(held: Intervention) -> str:
    """The address that takes a deed back."""
    return url_for("air.end", number=held.id)


def until(held: Intervention) -> str:
    """When it ends by itself, by the wall clock."""
    return clock_short(held.until) if held.until is not None else ""


def ended_words(held: Intervention) -> str:
    """What is so again."""
    return {
        "pause": _("The music is back."),
        "mute": _("It is heard again."),
        "stop": _("The broadcast goes on."),
        "trim": _("The level is as planned."),
        "insert": _("It will not be played."),
    }.get(held.kind, _("Taken back."))


def minutes(name: str) -> float:
    """A number of minutes from the form."""
    return parse_number(request.form.get(name, ""))
