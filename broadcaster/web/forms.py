"""Ready-made forms: a few blanks, a preview, and the notice stands on top of the approvers' queue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from broadcaster.errors import FormError, UsageError
from broadcaster.notices.flow import approves_itself
from broadcaster.notices.forms import Form
from broadcaster.web.auth import needs, whoever
from broadcaster.web.calls import call, draft_of
from broadcaster.web.i18n import gettext as _
from broadcaster.web.i18n import language
from broadcaster.web.notice_form import Entry
from broadcaster.web.notices import Look, work
from broadcaster.web.offices import APPROVERS, SUBMITTERS, WRITERS, Account, current_offices
from broadcaster.web.view import current_station

if TYPE_CHECKING:
    from broadcaster.notices.models import NoticeDraft

forms = Blueprint("forms", __name__)


@forms.get("/forms")
@needs(*SUBMITTERS)
def shelf() -> str:
    """All forms, the urgent ones first."""
    listed = sorted(current_offices().forms().values(), key=lambda form: form.priority != "urgent")
    return render_template("forms.html", forms=listed)


@forms.get("/forms/<name>")
@needs(*SUBMITTERS)
def open_form(name: str) -> str:
    """A form with its blanks as they start."""
    form = form_of(name)
    return _page(form, {blank.id: blank.default for blank in form.blanks}, {}, Look())


@forms.post("/forms/<name>")
@needs(*SUBMITTERS)
def send(name: str) -> str | Answer | tuple[str, int]:
    """Preview it, hear it, or submit it."""
    form = form_of(name)
    try:
        draft = _filled(form)
    except FormError as error:
        return _page(form, request.form, _wrong(error), Look()), 422
    if request.form.get("do") != "submit":
        look = work(Entry(request.form, draft))
        return _page(form, request.form, {}, look), 422 if look.trouble else 200
    try:
        english = bool(request.form.get("english"))
        called = call(form, _blanks(form), english=english)
    except UsageError as error:
        return _page(form, request.form, {}, Look(trouble=str(error))), 422
    record = called.record
    if called.again:
        flash(_("The same was called a moment ago: it is not called twice."))
    elif record.state == "submitted":
        flash(_("Submitted. It is heard once it is approved."))
    else:
        flash(_("It is being spoken, and is heard as soon as that is done."))
    return redirect(url_for("notices.show", number=record.id))


@forms.post("/part/forms/<name>")
@needs(*SUBMITTERS)
def part_preview(name: str) -> str:
    """The preview of a form as it is filled so far."""
    form = form_of(name)
    try:
        look = work(Entry(request.form, _filled(form)))
    except FormError as error:
        words = form.preview({blank.id: request.form.get(blank.id, "") for blank in form.blanks})
        return render_template("part_blanks.html", words=words, wrong=_wrong(error))
    return render_template("part_preview.html", **_looked(look))


def form_of(name: str) -> Form:
    """The form of an id; 404 if there is none."""
    form = current_offices().forms().get(name)
    if form is None:
        abort(404)
    return form


def _filled(form: Form) -> NoticeDraft:
    return draft_of(form, _blanks(form), english=bool(request.form.get("english")))


def _blanks(form: Form) -> dict[str, str]:
    return {blank.id: request.form.get(blank.id, "") for blank in form.blanks}


def airs_at_once(form: Form, author: Account) -> bool:
    """Whether what this account fills in is heard without a second person, unless the check finds something."""
    return approves_itself(author, form.self_approve, serious=False)


def approvers(author: Account) -> list[str]:
    """Who can approve what this account submits."""
    everyone = current_offices().accounts.list()
    return [one.display for one in everyone if one.active and one.role in APPROVERS and one.name != author.name]


def _wrong(error: FormError) -> dict[str, str]:
    return {name: words[1] if language() == "en" else words[0] for name, words in error.blanks.items()}


def _looked(look: Look) -> dict[str, object]:
    return {
        "shown": look.shown,
        "heard": look.heard,
        "trouble": look.trouble,
        "today": current_station().today(),
        "writers": WRITERS,
        "form_id": "notice",
    }


def _page(form: Form, values: Mapping[str, str], wrong: Mapping[str, str], look: Look) -> str:
    return render_template(
        "form.html",
        form=form,
        values=values,
        wrong=wrong,
        approvers=approvers(whoever()),
        at_once=airs_at_once(form, whoever()),
        **_looked(look),
    )
