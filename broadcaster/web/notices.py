"""The notices' pages: list, write, look at, decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response as Answer

from broadcaster.errors import BroadcasterError, MediaError, UsageError
from broadcaster.web.auth import me, needs, unattended, where, whoever
from broadcaster.web.hearing import hear
from broadcaster.web.i18n import gettext as _
from broadcaster.web.lexicon import correct
from broadcaster.web.notice_form import PAUSES, Entry, blank, copied, read_form, show_draft, values_of
from broadcaster.web.notice_list import show_list
from broadcaster.web.notice_words import LATENESS, lateness_words, pause_words
from broadcaster.web.offices import APPROVERS, LOOKERS, SUBMITTERS, WRITERS, Account, current_offices
from broadcaster.web.parse import whole
from broadcaster.web.previews import Shown, look_ahead
from broadcaster.web.view import current_station

if TYPE_CHECKING:
    from broadcaster.notices.models import NoticeRecord

notices = Blueprint("notices", __name__)

REASON_MOST = 300


@dataclass(frozen=True, slots=True)
class Look:
    """What a button of the form brought: the preview, a sound, or what stood in the way."""

    shown: Shown | None = None
    heard: str = ""
    trouble: str = ""


@notices.get("/notices")
@needs(*LOOKERS)
def all() -> str:
    """The queue of whoever asks, and the notices that were searched for."""
    return show_list()


@notices.get("/notices/new")
@needs(*SUBMITTERS)
def write() -> str:
    """An empty form, or with ``from`` an earlier notice in it, for dates from today on."""
    model, today = request.args.get("from", type=whole), current_station().today()
    if model is None:
        return _form(Entry(blank(today)), Look())
    entry = read_form(copied(_record(model).draft, today), today)
    return _form(entry, work(entry))


@notices.post("/notices/new")
@needs(*SUBMITTERS)
def new() -> str | Answer | tuple[str, int]:
    """What the form's buttons do where the page can't ask by itself; submitting, everywhere."""
    entry = _filled()
    if request.form.get("do") != "submit" or entry.draft is None:
        look = work(entry)
        return _form(entry, look), 200 if entry.draft and not look.trouble else 422
    try:
        record = current_offices().notices.submit(entry.draft, whoever(), where())
    except UsageError as error:
        return _form(entry, Look(trouble=str(error))), 422
    flash(_("Submitted. It is heard once it is approved."))
    return redirect(url_for("notices.show", number=record.id))


@notices.post("/part/notice-preview")
@needs(*SUBMITTERS)
def part_preview() -> str:
    """The preview of a form as it is, for a page that asks while somebody types."""
    entry = _filled()
    look = work(entry, request.form.get("number", type=whole))
    words = look.trouble or ("" if entry.draft else _wrong_words(entry))
    return render_template(
        "part_preview.html",
        **_looked(replace(look, trouble=words)),
        form_id="notice",
        recording=entry.values.get("recording"),
    )


@notices.get("/notices/<int:number>")
@needs(*LOOKERS)
def show(number: int) -> str:
    """One notice: what it says, when, who decided what."""
    return _show(_record(number), Look())


@notices.get("/part/notices/<int:number>")
@needs(*LOOKERS)
@unattended
def part_standing(number: int) -> Response:
    """How far a notice has come; 204 while that is what the page knows."""
    record = _record(number)
    if request.args.get("seen") == _seen(record):
        return make_response("", 204)
    return make_response(render_template("part_notice.html", **_standing(record)))


@notices.post("/part/notices/<int:number>")
@needs(*LOOKERS)
def part_look(number: int) -> str:
    """The preview of a notice as it is, for its page: heard, or with a reading corrected."""
    return render_template(
        "part_preview.html", **_looked(work(Entry({}, _record(number).draft), number)), form_id="look"
    )


@notices.post("/notices/<int:number>")
@needs(*LOOKERS)
def decide(number: int) -> str | Answer | tuple[str, int]:
    """Approve, reject, withdraw; or hear it, or correct a reading. The desk judges who may."""
    record = _record(number)
    desk, who = current_offices().notices, whoever()
    reason = request.form.get("reason", "").strip()[:REASON_MOST]
    try:
        match request.form.get("do", ""):
            case "approve":
                desk.approve(number, _revision(), who, note=reason, where=where())
                flash(_("Approved. It is spoken and goes on air at its time."))
            case "reject":
                desk.reject(number, _revision(), who, reason, where=where())
                flash(_("Rejected; the author sees the reason."))
            case "withdraw":
                desk.withdraw(number, who, reason, where=where())
                flash(_("Withdrawn: it is off the air."))
            case _look:
                look = work(Entry({}, record.draft), number)
                return _show(record, look), 422 if look.trouble else 200
    except UsageError as error:
        return _show(_record(number), Look(trouble=str(error))), 409
    return redirect(url_for("notices.show", number=number))


@notices.get("/notices/<int:number>/edit")
@needs(*SUBMITTERS)
def rewrite(number: int) -> str:
    """The form with the latest version in it."""
    record = _record(number)
    return _form(Entry(show_draft(record.draft), record.draft), Look(look_ahead(record.draft, number)), record)


@notices.post("/notices/<int:number>/edit")
@needs(*SUBMITTERS)
def edit(number: int) -> str | Answer | tuple[str, int]:
    """A new version of a notice."""
    record = _record(number)
    entry = _filled()
    if request.form.get("do") != "submit" or entry.draft is None:
        look = work(entry, number)
        return _form(entry, look, record), 200 if entry.draft and not look.trouble else 422
    try:
        current_offices().notices.edit(number, entry.draft, whoever(), _revision(), where())
    except UsageError as error:
        return _form(entry, Look(trouble=str(error)), record), 409
    flash(_("The new version waits for approval."))
    return redirect(url_for("notices.show", number=number))


def work(entry: Entry, number: int | None = None) -> Look:
    """What the pressed button asks for a draft: ``hear``, a corrected reading, else the preview alone.

    ``number`` is the notice in whose place the draft would stand.
    """
    do = request.form.get("do", "")
    if entry.draft is None:
        return Look()
    heard = trouble = ""
    try:
        if do.startswith(("correct-", "pick-")):
            _correct(do)
        elif do == "hear":
            heard = hear(entry.draft)
    except BroadcasterError as error:
        trouble = str(error)
    except TooManyRequests as error:
        trouble = error.description or ""
    return Look(look_ahead(entry.draft, number), heard, trouble)


def _correct(do: str) -> None:
    """``correct-2`` takes the reading written beside the second doubt, ``pick-2:chóng`` one of its choices."""
    if whoever().role not in WRITERS:
        abort(403)
    number, _colon, picked = do.partition("-")[2].partition(":")
    word = request.form.get(f"word-{number}", "")
    correct(word, picked or request.form.get(f"saying-{number}", ""), "")


def _filled() -> Entry:
    values = values_of(request.form)
    upload = request.files.get("upload")
    if values.pop("no-recording", ""):
        values["recording"] = ""
    keep = current_offices().keep_recording
    if keep is not None and upload is not None and upload.filename:
        try:
            values["recording"] = keep(upload.stream, upload.filename)
        except MediaError as error:
            return Entry(values, wrong={"recording": str(error)})
    return read_form(values, current_station().today())


def _record(number: int) -> NoticeRecord:
    record = current_offices().notices.get(number)
    if record is None:
        abort(404)
    return record


def _revision() -> int:
    revision = request.form.get("revision", type=whole)
    if revision is None:
        abort(400)
    return revision


def _looked(look: Look) -> dict[str, Any]:
    return {
        "shown": look.shown,
        "heard": look.heard,
        "trouble": look.trouble,
        "today": current_station().today(),
        "writers": WRITERS,
    }


def _form(entry: Entry, look: Look, record: NoticeRecord | None = None) -> str:
    office = current_offices()
    return render_template(
        "notice_form.html",
        values=_Values(entry.values),
        wrong=_Values(entry.wrong),
        record=record,
        recording=entry.values.get("recording"),
        choices=office.choices(),
        uploads=office.keep_recording is not None,
        lateness_options=[(value, lateness_words(value)) for value in LATENESS],
        pause_options=[(value, pause_words(value)) for value in PAUSES],
        **_looked(look),
    )


def _show(record: NoticeRecord, look: Look) -> str:
    shown = look.shown or look_ahead(record.draft, record.id)
    return render_template("notice.html", **_standing(record), **_looked(replace(look, shown=shown)))


def _standing(record: NoticeRecord) -> dict[str, Any]:
    office, account = current_offices(), me()
    running = record.state in ("submitted", "approved", "ready")
    waiting = [one for one in office.notices.queue(account) if one.id != record.id] if account else []
    return {
        "record": record,
        "history": office.notices.history(record.id),
        "over": not running,
        "withdraws": account is not None
        and running
        and (account.role in APPROVERS or account.name in (record.author, record.editor)),
        "changes": account is not None
        and (account.role in APPROVERS or (account.role in SUBMITTERS and account.name == record.author)),
        "decides": account is not None and _may_decide(record, account),
        "submits": account is not None and account.role in SUBMITTERS,
        "choices": office.choices(),
        "seen": _seen(record),
        # It goes on by itself: the voice speaks it, somebody else decides.
        "follows": record.state in ("submitted", "approved"),
        "next_waiting": waiting[0].id if waiting else None,
        "still_waiting": len(waiting),
    }


def _seen(record: NoticeRecord) -> str:
    return f"{record.state}-{record.revision}-{len(record.verdicts)}-{'x' if record.render_error else ''}"


def _may_decide(record: NoticeRecord, account: Account) -> bool:
    """Whether to show the buttons; the desk judges when one is pressed."""
    done = {verdict.who for verdict in record.verdicts} | {record.author, record.editor}
    return record.state == "submitted" and account.role in APPROVERS and account.name not in done


def _wrong_words(entry: Entry) -> str:
    return _("Something is not filled in right:") + " " + " ".join(dict.fromkeys(entry.wrong.values()))


class _Values(dict[str, Any]):
    """Values for a template: what is not there is empty."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)

    def __missing__(self, name: str) -> str:
        return ""
