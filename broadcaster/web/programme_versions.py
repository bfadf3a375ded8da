"""Versions of the plan: who changed what when, any two side by side, and the way back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from broadcaster.errors import BroadcasterError, UsageError
from broadcaster.web.auth import needs, where, whoever
from broadcaster.web.contract_plan import EDITORS
from broadcaster.web.i18n import gettext as _
from broadcaster.web.offices import LOOKERS, current_offices
from broadcaster.web.plan_api import for_reader, may_change, plan_room
from broadcaster.web.view import current_station
from broadcaster.web.words import said

if TYPE_CHECKING:
    from broadcaster.editing.models import Version

programme_versions = Blueprint("programme_versions", __name__)

SHOWN = 30
WORDS_MOST = 200
#: Dates whose change is told before something is put back: a week shows every kind of day but the rare ones.
DAYS_TOLD = 7


@programme_versions.get("/programme/versions")
@needs(*LOOKERS)
def all_versions() -> str:
    """All versions, the latest first."""
    found = plan_room().versions(SHOWN + 1, _number("before"))
    return render_template(
        "programme_versions.html",
        versions=found[:SHOWN],
        more=found[SHOWN - 1].id if len(found) > SHOWN else None,
        current=plan_room().open().version,
        names=_names(found),
    )


@programme_versions.get("/programme/versions/compare")
@needs(*LOOKERS)
def compare() -> str:
    """What differs between two versions, the older first."""
    a, b = _number("a"), _number("b")
    if a is None or b is None:
        raise UsageError("请选两个版本 / choose two versions")
    comparison = for_reader(plan_room().compare(min(a, b), max(a, b)))
    return render_template(
        "programme_compare.html", comparison=comparison, names=_names((comparison.before, comparison.after))
    )


@programme_versions.get("/programme/versions/<int:number>")
@needs(*LOOKERS)
def one(number: int) -> str:
    """A version: what it changed, and what putting it back would change."""
    room = plan_room()
    version = room.version(number)
    if version is None:
        abort(404)
    current = room.open().version
    earlier = room.versions(1, number)
    today = current_station().today()
    ahead = [today + timedelta(days=days) for days in range(DAYS_TOLD)]
    trial = room.try_restore(number, ahead) if number != current else None
    return render_template(
        "programme_version.html",
        version=version,
        current=current,
        comparison=for_reader(room.compare(earlier[0].id, number)) if earlier else None,
        trial=trial,
        today=today,
        may_restore=trial is not None and _may(trial.files),
        may_undo=bool(earlier) and _may(version.changed),
        names=_names((version,)),
    )


@programme_versions.post("/programme/versions/<int:number>/restore")
@needs(*EDITORS)
def restore(number: int) -> Answer:
    """Put the plan of a version back, as a new version."""
    words = request.form.get("words", "").strip()[:WORDS_MOST]
    room = plan_room()
    if room.version(number) is None:
        abort(404)
    if not _may(room.try_restore(number).files):
        abort(403)
    try:
        made = room.restore(number, who=whoever().name, words=words, where=where())
    except BroadcasterError as error:
        flash(said(error), "danger")
        return redirect(url_for(".one", number=number), 303)
    flash(_("Version %(old)s is back, as version %(new)s.") % {"old": number, "new": made.id})
    return redirect(url_for(".one", number=made.id), 303)


@programme_versions.post("/programme/versions/<int:number>/undo")
@needs(*EDITORS)
def undo(number: int) -> Answer:
    """Put back what was before a version."""
    room = plan_room()
    version = room.version(number)
    if version is None:
        abort(404)
    if not _may(version.changed):
        abort(403)
    try:
        made = room.undo(number, who=whoever().name, where=where())
    except BroadcasterError as error:
        flash(said(error), "danger")
        return redirect(url_for(".one", number=number), 303)
    flash(_("Version %(old)s is undone; that is version %(new)s.") % {"old": number, "new": made.id})
    return redirect(url_for(".one", number=made.id), 303)


def _may(files: Iterable[str]) -> bool:
    return may_change(files, whoever().role)


def _number(name: str) -> int | None:
    text = request.args.get(name, "")
    # Ids of a database: more digits than it counts to would only be an error there.
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _names(versions: Sequence[Version]) -> dict[str, str]:
    """Accounts by how people know them."""
    accounts = current_offices().accounts
    found = {who: accounts.get(who) for who in {version.who for version in versions}}
    return {who: account.display if account else who for who, account in found.items()}
