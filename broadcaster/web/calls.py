"""Calling from a ready-made form: the same call twice in a row is one, and nothing is called that nobody would hear."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from broadcaster.notices.flow import approves_itself
from broadcaster.notices.forms import fill
from broadcaster.web.auth import where, whoever
from broadcaster.web.offices import current_offices
from broadcaster.web.view import current_station, current_zone

if TYPE_CHECKING:
    from broadcaster.notices.forms import Form
    from broadcaster.notices.models import NoticeDraft, NoticeRecord

AGAIN = timedelta(minutes=2)
"""The same words of the same form within this are the same call: somebody pressed twice, or two people did."""

LOOKED_AT = 50
"""So many of the newest notices are compared."""

# Two presses in the same instant: the second must find what the first has made.
_one_by_one = threading.Lock()


@dataclass(frozen=True, slots=True)
class Call:
    """What became of it."""

    record: NoticeRecord
    again: bool
    """Whether it had been called before; nothing new was made."""


def call(form: Form, values: Mapping[str, str], *, english: bool) -> Call:
    """A notice from a form, or the one that says the same and still holds.

    Raises ``FormError``; ``Conflict`` for what is to be heard at once while everything is silent by hand; ``TooOften``;
    and as :meth:`NoticeDesk.submit_form`.
    """
    offices, who = current_offices(), whoever()
    now = _now()
    draft = fill(form, values, now, english=english)
    with _one_by_one:
        if offices.air is not None and approves_itself(who, form.self_approve, serious=False):
            offices.air.refuse_unheard()
        if (former := _former(draft, now)) is not None:
            return Call(former, again=True)
        if offices.air is not None:
            offices.air.count(who.name)
        return Call(offices.notices.submit_form(form, values, who, where(), english=english), again=False)


def draft_of(form: Form, values: Mapping[str, str], *, english: bool) -> NoticeDraft:
    """The draft that the blanks make, now. ``FormError`` says what is wrong with which."""
    return fill(form, values, _now(), english=english)


def _now() -> datetime:
    return datetime.fromisoformat(current_station().status()["now"]).astimezone(current_zone())


def _former(draft: NoticeDraft, now: datetime) -> NoticeRecord | None:
    return next(
        (
            one
            for one in current_offices().notices.list(limit=LOOKED_AT)
            if one.draft.form == draft.form
            and (one.draft.title, one.draft.text) == (draft.title, draft.text)
            and one.state in ("submitted", "approved", "ready")
            and one.revision == 1
            and one.draft.when.last >= draft.when.first
            and abs(now - one.created_at) < AGAIN
        ),
        None,
    )
