"""The scripts' pages: list, write, hear, publish, delete."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response as Answer

from broadcaster.editing.models import Edit, PlanConflict, PlanRefused
from broadcaster.errors import BroadcasterError, Conflict, UsageError
from broadcaster.plan.models import Script
from broadcaster.web.auth import needs, where, whoever
from broadcaster.web.corrections import corrections
from broadcaster.web.hearing import hear_path
from broadcaster.web.i18n import gettext as _
from broadcaster.web.lexicon import correct
from broadcaster.web.offices import COMMANDERS, LOOKERS, WRITERS, current_offices, present
from broadcaster.web.previews import Shown, mark
from broadcaster.web.script_form import edits, fresh_content, read_form, values_of

if TYPE_CHECKING:
    from broadcaster.editing.models import Changed, Told, Version
    from broadcaster.rooms.media_sheets import ScriptSheet
    from broadcaster.web.media_office import MediaRoom, ScriptRoom
    from broadcaster.web.offices import PlanRoom

scripts = Blueprint("scripts", __name__)

WORDS_MOST = 200
#: Pages of their own below /scripts.
RESERVED = ("new", "sounds")
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@scripts.get("/scripts")
@needs(*LOOKERS)
def shelf() -> str:
    """All scripts."""
    return render_template(
        "scripts.html", scripts=script_room().scripts(), choices=current_offices().choices(), commanders=COMMANDERS
    )


@scripts.get("/scripts/new")
@needs(*COMMANDERS)
def write() -> str:
    """An empty form."""
    return _form(None, {"read": 1, "pause": "1.5"})


@scripts.post("/scripts/new")
@needs(*COMMANDERS)
def new() -> str | Answer | tuple[str, int]:
    """Hear or publish a new script."""
    script, wrong = _filled()
    if _do() != "publish" or script is None:
        return _looked(None, script, wrong)
    try:
        name = free_id(request.form.get("id", ""))
        publish_new(name, script, words=_words())
    except BroadcasterError as error:
        return _form(None, request.form, trouble=_trouble(error)), 409
    flash(_("Published. The voice speaks it now, then it is ready."))
    return redirect(url_for("scripts.show", name=name), 303)


@scripts.get("/scripts/<name>")
@needs(*LOOKERS)
def show(name: str) -> str:
    """One script, to be read, heard and changed."""
    sheet = script_room().script(name)
    return _form(sheet, values_of(sheet.script), shown=reading_of(sheet.script))


@scripts.post("/scripts/<name>")
@needs(*LOOKERS)
def change(name: str) -> str | Answer | tuple[str, int]:
    """Hear it, correct a reading, or publish it."""
    sheet = script_room().script(name)
    if _do() == "hear-as-is":
        return _looked(sheet, sheet.script, {})
    if whoever().role not in COMMANDERS:
        abort(403)
    script, wrong = _filled()
    if (_do() != "publish" and "seen" not in request.form) or script is None:
        return _looked(sheet, script, wrong)
    try:
        # Who was told of another's change and publishes on top of it has seen that one, and no later one.
        tag = request.form.get("seen") or request.form.get("tag", "")
        version = publish_change(sheet, script, tag=tag, words=_words())
    except PlanConflict as error:
        return _form(sheet, request.form, trouble=_trouble(error), changed=error.changed), 409
    except PlanRefused as error:
        return _form(sheet, request.form, told=error.told), 409
    except BroadcasterError as error:
        return _form(sheet, request.form, trouble=_trouble(error)), 409
    flash(_("Published.") if version else _("Nothing was changed."))
    return redirect(url_for("scripts.show", name=name), 303)


@scripts.post("/part/script")
@needs(*LOOKERS)
def part_look() -> str:
    """How a form's text will be read, and its sound, for a page that asks without leaving."""
    script, wrong = _filled()
    shown, heard, trouble = _work(script, "; ".join(dict.fromkeys(wrong.values())))
    return render_template("part_preview.html", **_preview(shown, heard, trouble))


@scripts.post("/scripts/<name>/delete")
@needs(*COMMANDERS)
def delete(name: str) -> Answer | tuple[str, int]:
    """Delete a script that nothing uses."""
    sheet = script_room().script(name)
    try:
        publish_removal(sheet)
    except BroadcasterError as error:
        return _form(sheet, values_of(sheet.script), trouble=_trouble(error)), 409
    flash(_("%(title)s is deleted.") % {"title": sheet.script.title.zh})
    return redirect(url_for("scripts.shelf"), 303)


# --- what page and API share ---


def script_room() -> ScriptRoom:
    """The scripts of this app. 404 without."""
    return present(current_offices().scripts)


def media_room() -> MediaRoom:
    """Playlists and recordings of this app. 404 without."""
    return present(current_offices().media)


def plan_room() -> PlanRoom:
    """The plan's files. 404 without."""
    return present(current_offices().plan)


def free_id(wanted: str) -> str:
    """The id of a new script: as wished, or the next free number. ``Conflict`` if it is taken."""
    taken = {sheet.id for sheet in script_room().scripts()}
    wanted = wanted.strip().lower()
    if not wanted:
        return next(name for number in range(1, 10_000) if (name := f"script-{number}") not in taken)
    if not _ID.fullmatch(wanted) or len(wanted) > 60:
        raise UsageError(
            "文件名只用小写字母、数字和连字符,如 new-year / a file name is made of small letters, digits and hyphens"
        )
    if wanted in (*taken, *RESERVED):
        raise Conflict(f"已经有文稿 {wanted} / there is a script {wanted} already")
    return wanted


def publish_new(name: str, script: Script, *, words: str) -> Version:
    """Write a new script's file."""
    edit = Edit(file=f"announcements/{name}.yaml", op="set", path=(), value=fresh_content(script))
    return _publish((edit,), plan_room().open().tag, words or _("new script %(title)s") % {"title": script.title.zh})


def publish_change(sheet: ScriptSheet, script: Script, *, tag: str, words: str, anyway: bool = False) -> Version | None:
    """Bring a script's file to what was written; None if it says so already.

    What others changed elsewhere in the plan meanwhile does not matter; ``PlanConflict`` if it was this script.
    """
    wanted = edits(sheet.file, sheet.script, script)
    if not wanted:
        return None
    words = words or _("script %(title)s") % {"title": script.title.zh}
    return _publish(wanted, tag or plan_room().open().tag, words, anyway=anyway)


def publish_removal(sheet: ScriptSheet) -> Version:
    """Delete a script's file. ``Conflict`` while something uses it."""
    if sheet.used_by:
        told = "、".join(dict.fromkeys(use.title.zh for use in sheet.used_by))
        raise Conflict(
            f"“{sheet.script.title.zh}”正在用({told}),请先从播音程序表里拿掉 / "
            f"“{sheet.script.title.text('en')}” is used by {told}: take it out of the programme first"
        )
    edit = Edit(file=sheet.file, op="remove", path=())
    return _publish((edit,), plan_room().open().tag, _("deleted script %(title)s") % {"title": sheet.script.title.zh})


def _publish(wanted: Sequence[Edit], tag: str, words: str, *, anyway: bool = False) -> Version:
    room, who = plan_room(), whoever().name
    try:
        return room.publish(tag, wanted, who=who, words=words, where=where(), anyway=anyway)
    except PlanConflict as error:
        if error.changed.entries or {edit.file for edit in wanted} & set(error.changed.files):
            raise
        return room.publish(tag, wanted, who=who, words=words, where=where(), anyway=True)


def reading_of(script: Script | None) -> Shown | None:
    """How a script will be read, laid out; what stands in the way is said in words."""
    if script is None:
        return None
    reading, trouble = None, ""
    try:
        reading = script_room().read(script)
    except BroadcasterError as error:
        trouble = str(error)
    return Shown(
        reading=reading,
        pieces=tuple(mark(reading.source, reading.doubts)) if reading else (),
        doubts=corrections(reading) if reading else (),
        remarks=(), days=(), count_today=0, air_s=0.0, moved=(), trouble=trouble,
    )  # fmt: skip


# --- the form ---


def _do() -> str:
    return request.form.get("do", "")


def _words() -> str:
    return " ".join(request.form.get("words", "").split())[:WORDS_MOST]


def _filled() -> tuple[Script | None, dict[str, str]]:
    return read_form(request.form, media_room().recordings())


def _work(script: Script | None, trouble: str = "") -> tuple[Shown | None, str, str]:
    """Correct a reading or hear it, as the pressed button asks; then how it is read now."""
    do, heard = _do(), ""
    if script is None:
        return None, "", trouble
    try:
        if do.startswith(("correct-", "pick-")):
            if whoever().role not in WRITERS:
                abort(403)
            number, _colon, picked = do.partition("-")[2].partition(":")
            word = request.form.get(f"word-{number}", "")
            correct(word, picked or request.form.get(f"saying-{number}", ""), "")
        elif do in ("hear", "hear-as-is"):
            heard = hear_path(lambda: script_room().hear(script))
    except BroadcasterError as error:
        trouble = _trouble(error)
    except TooManyRequests as error:
        trouble = error.description or ""
    return reading_of(script), heard, trouble


def _trouble(error: BroadcasterError) -> str:
    return str(error)


def _preview(shown: Shown | None, heard: str, trouble: str) -> dict[str, Any]:
    return {
        "shown": shown, "heard": heard, "trouble": trouble, "writers": WRITERS, "form_id": "script", "over": True,
        "today": None, "recording": "",
    }  # fmt: skip


def _looked(
    sheet: ScriptSheet | None, script: Script | None, wrong: Mapping[str, str]
) -> str | tuple[str, int]:  # fmt: skip
    shown, heard, trouble = _work(script)
    values = values_of(script) if _do() == "hear-as-is" and script else request.form
    page = _form(sheet, values, shown=shown, heard=heard, trouble=trouble, wrong=wrong)
    return (page, 422) if wrong or trouble else page


def _form(
    sheet: ScriptSheet | None, values: Mapping[str, Any], *, shown: Shown | None = None, heard: str = "",
    trouble: str = "", wrong: Mapping[str, str] | None = None, changed: Changed | None = None,
    told: Sequence[Told] = (),
) -> str:  # fmt: skip
    office = current_offices()
    tag = request.form.get("tag", "")
    if not tag and office.plan is not None:
        tag = office.plan.tag()
    return render_template(
        "script.html",
        sheet=sheet,
        values=values,
        wrong=wrong or {},
        tag=tag,
        changed=changed,
        seen=office.plan.tag() if changed and office.plan else "",
        told=told,
        choices=office.choices(),
        recordings=media_room().recordings(),
        may=whoever().role in COMMANDERS and office.plan is not None,
        **_preview(shown, heard, trouble),
    )
