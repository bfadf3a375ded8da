"""The API of notices, readings and forms: parse, ask the office once, answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from flask import Blueprint, Response, abort, jsonify, request, url_for
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import UnsupportedMediaType

from broadcaster.errors import FormError
from broadcaster.notices.models import STATES, NoticeDraft
from broadcaster.web.auth import needs, where, whoever
from broadcaster.web.calls import draft_of
from broadcaster.web.contract_notices import Correction, Deed, Filling, NewVersion, Rejection, Withdrawal
from broadcaster.web.forms import form_of
from broadcaster.web.lexicon import correct, hold_to_approval
from broadcaster.web.offices import APPROVERS, LOOKERS, SUBMITTERS, WRITERS, current_offices
from broadcaster.web.previews import as_document, look_ahead
from broadcaster.web.problems import FieldFaults
from broadcaster.web.route import may_be_left_out
from broadcaster.web.view import local_iso

if TYPE_CHECKING:
    from broadcaster.notices.desk import NoticeDesk
    from broadcaster.notices.models import NoticeRecord

notices_api = Blueprint("notices_api", __name__, url_prefix="/api/v1")

LIMIT = 50
MOST = 200

Body = TypeVar("Body", bound=BaseModel)


@notices_api.get("/notices")
@needs(*LOOKERS)
def listed() -> Response:
    """Notices, newest first."""
    asked = request.args
    state = next((state for state in STATES if state == asked.get("state")), None)
    if state is None and "state" in asked:
        raise FieldFaults({"state": f"{asked['state']!r} is none of {', '.join(STATES)}"})
    limit = min(max(_whole("limit", LIMIT) or 0, 1), MOST)
    found = _desk().list(
        state=state,
        vendor=asked.get("vendor"),
        search=asked.get("q", ""),
        limit=limit + 1,
        before=_whole("before", None),
    )
    more = len(found) > limit
    kept = found[:limit]
    return jsonify({"notices": [document(record) for record in kept], "before": kept[-1].id if more else None})


def _whole(name: str, usual: int | None) -> int | None:
    text = request.args.get(name)
    if text is None:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise FieldFaults({name: f"{text!r} 不是整数 / is no whole number"})
    return int(text)


@notices_api.post("/notices")
@needs(*SUBMITTERS)
def submit() -> tuple[Response, int, dict[str, str]]:
    """Submit a draft."""
    return _made(_desk().submit(body(NoticeDraft), whoever(), where()))


@notices_api.get("/notices/<int:number>")
@needs(*LOOKERS)
def one(number: int) -> Response:
    """One notice."""
    return jsonify(document(_record(number)))


@notices_api.put("/notices/<int:number>")
@needs(*SUBMITTERS)
def edit(number: int) -> Response:
    """A new version; it must be approved again."""
    _record(number)
    change = body(NewVersion)
    return jsonify(document(_desk().edit(number, change.draft, whoever(), change.revision, where())))


@notices_api.post("/notices/<int:number>/approve")
@needs(*APPROVERS)
def approve(number: int) -> Response:
    """Approve a version; never one's own."""
    _record(number)
    deed = body(Deed)
    _desk().approve(number, deed.revision, whoever(), note=deed.note, where=where())
    return jsonify(document(_record(number)))


@notices_api.post("/notices/<int:number>/reject")
@needs(*APPROVERS)
def reject(number: int) -> Response:
    """Reject a version, with a reason."""
    _record(number)
    deed = body(Rejection)
    _desk().reject(number, deed.revision, whoever(), deed.reason, where=where())
    return jsonify(document(_record(number)))


@notices_api.post("/notices/<int:number>/withdraw")
@needs(*SUBMITTERS)
def withdraw(number: int) -> Response:
    """Take a notice off the air."""
    _record(number)
    _desk().withdraw(number, whoever(), body(Withdrawal).reason, where=where())
    return jsonify(document(_record(number)))


@notices_api.post("/preview")
@needs(*LOOKERS)
def preview() -> Response:
    """How a draft would be read, and when it would be heard."""
    return jsonify(as_document(look_ahead(body(NoticeDraft))))


@notices_api.get("/lexicon")
@needs(*LOOKERS)
def readings() -> Response:
    """The store's own readings."""
    entries = current_offices().voice.lexicon()
    return jsonify({"entries": [{"word": one.word, "reading": one.reading, "note": one.note} for one in entries]})


@notices_api.put("/lexicon")
@needs(*WRITERS)
def correct_reading() -> Response:
    """Add or change a reading."""
    asked = body(Correction)
    correct(asked.word, asked.reading, asked.note)
    return readings()


@notices_api.delete("/lexicon/<word>")
@needs(*WRITERS)
def forget_reading(word: str) -> Response:
    """Take a reading out."""
    hold_to_approval(word)
    current_offices().voice.forget_reading(word, whoever().name, where())
    return readings()


@notices_api.get("/forms")
@needs(*LOOKERS)
def forms() -> Response:
    """The ready-made forms."""
    return jsonify({"forms": [_form_document(form) for form in current_offices().forms().values()]})


@notices_api.post("/forms/<name>")
@needs(*SUBMITTERS)
def fill(name: str) -> tuple[Response, int, dict[str, str]]:
    """Submit a filled form as a notice."""
    form = form_of(name)
    asked = body(Filling)
    try:
        draft = draft_of(form, asked.values, english=asked.english)
    except FormError as error:
        raise FieldFaults({blank: f"{zh} / {en}" for blank, (zh, en) in error.blanks.items()}) from error
    return _made(_desk().submit(draft, whoever(), where()))


def body(model: type[Body]) -> Body:
    """The request's JSON as a model; where nothing must be said, nothing is as good as ``{}``.

    ``FieldFaults`` names every entry that is wrong.
    """
    sent = request.get_data()
    # A form's fields are taken out of the data.
    if not (sent or request.content_length or request.form) and may_be_left_out(request.method, model):
        sent = b"{}"
    elif not request.is_json:
        raise UnsupportedMediaType
    try:
        return model.model_validate_json(sent)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        raise FieldFaults({".".join(map(str, fault["loc"])): str(fault["msg"]) for fault in faults}) from error


def document(record: NoticeRecord) -> dict[str, Any]:
    """A :class:`~broadcaster.web.contract_notices.Notice`."""
    return {
        "id": record.id,
        "revision": record.revision,
        "state": record.state,
        "author": record.author,
        "editor": record.editor,
        "draft": record.draft.content(),
        "created_at": local_iso(record.created_at),
        "changed_at": local_iso(record.changed_at),
        "needed": record.needed,
        "approvals": [verdict.who for verdict in record.approvals],
        "reason": record.reason or None,
        "render_error": record.render_error or None,
        "effective_at": local_iso(record.effective_at) if record.effective_at else None,
        "duration_s": record.duration_s,
    }


def _made(record: NoticeRecord) -> tuple[Response, int, dict[str, str]]:
    return jsonify(document(record)), 201, {"Location": url_for("notices_api.one", number=record.id)}


def _record(number: int) -> NoticeRecord:
    record = _desk().get(number)
    if record is None:
        abort(404)
    return record


def _desk() -> NoticeDesk:
    return current_offices().notices


def _form_document(form: Any) -> dict[str, Any]:
    return {
        "id": form.id,
        "title": form.title.zh,
        "title_en": form.title.text("en"),
        "priority": form.priority,
        "blanks": [
            {
                "id": blank.id,
                "label": blank.label.zh,
                "label_en": blank.label.text("en"),
                "kind": blank.kind,
                "required": blank.required,
                "max_length": blank.max_length,
                "example": blank.example,
                "choices": list(blank.choices),
            }
            for blank in form.blanks
        ],
    }
