"""Settings of the alerts: who is told, how often, when not; and whether it reaches them. Addresses are never shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from pydantic import ValidationError
from werkzeug.wrappers import Response as Answer

from broadcaster.alert_targets import KINDS, Shown, build, shown
from broadcaster.editing.models import Edit, OpenPlan, PlanConflict, PlanRefused
from broadcaster.errors import BroadcasterError, FormError, TooOften
from broadcaster.ops.marks import mark_of_address
from broadcaster.plan.alert_addresses import address_fault
from broadcaster.plan.unattended_models import AlertTarget
from broadcaster.web.auth import needs, where, whoever
from broadcaster.web.i18n import gettext as _
from broadcaster.web.i18n import language
from broadcaster.web.live import lights
from broadcaster.web.offices import ADMINISTRATORS, LOOKERS, PlanRoom, current_offices, present
from broadcaster.web.setting_fields import STATION, Blank, changed, entry, told_by_field, typed
from broadcaster.web.view import current_station
from broadcaster.web.words import said

alert_settings = Blueprint("alert_settings", __name__, url_prefix="/settings/alerts")

TO = ("alerts", "to")


@dataclass(frozen=True, slots=True)
class Row:
    """A target as the page shows it."""

    mark: str
    number: int
    name: str
    kind_word: str
    tail: str
    language: str
    least: str
    fault: str
    """What is wrong with its address, or with the last message; empty while it works."""


@alert_settings.get("")
@needs(*LOOKERS)
def show() -> str:
    """Who is told, what is watched, and how it is."""
    return _page()


@alert_settings.post("")
@needs(*ADMINISTRATORS)
def save() -> str | Answer:
    """Repetition, quiet hours, heartbeat."""
    base = _as_sent()
    blanks = _blanks()
    edits = changed(blanks, base, request.form)
    edits = _whole_pairs(edits, base)
    if request.form.get("do") == "no-heartbeat":
        edits = [Edit(file=STATION, op="remove", path=("alerts", "heartbeat"))]
        if not entry(base, STATION, ("alerts", "heartbeat")):
            edits = []
    if not edits:
        flash(_("Nothing was changed."))
        return redirect(url_for("alert_settings.show"), 303)
    return _publish(edits, _("The alerts' settings were changed in the page."), base)


@alert_settings.post("/targets")
@needs(*ADMINISTRATORS)
def add() -> str | Answer:
    """One more who is told."""
    base, kind = _as_sent(), request.form.get("kind", "")
    try:
        target = _target(build(kind, request.form))
    except FormError as error:
        index = 1 if language() == "en" else 0
        return _page(adding=kind, wrong={name: words[index] for name, words in error.blanks.items()})
    except ValidationError:
        abort(400)
    known = entry(base, STATION, TO) or []
    item = target.model_dump(include={"url", "name", "language", "least"})
    if known:
        edit = Edit(file=STATION, op="insert", path=(*TO, len(known)), value=item)
    else:
        edit = Edit(file=STATION, op="set", path=TO, value=[item])
    return _publish([edit], _("Somebody more is told of alerts."), base)


@alert_settings.post("/targets/<mark>")
@needs(*ADMINISTRATORS)
def change(mark: str) -> str | Answer:
    """Test one, take it out, or change what it is told."""
    base, do = _as_sent(), request.form.get("do", "")
    number = _number(base, mark)
    if do == "test":
        return _test(base, number)
    if do == "remove":
        edit = Edit(file=STATION, op="remove", path=(*TO, number))
        return _publish([edit], _("Somebody is no longer told of alerts."), base)
    edits = []
    for name, allowed in (("language", ("zh", "en")), ("least", ("notice", "warning", "urgent"))):
        sent = request.form.get(name, "")
        if sent in allowed and sent != entry(base, STATION, (*TO, number, name)):
            edits.append(Edit(file=STATION, op="set", path=(*TO, number, name), value=sent))
    if not edits:
        flash(_("Nothing was changed."))
        return redirect(url_for("alert_settings.show"), 303)
    return _publish(edits, _("What somebody is told of alerts was changed."), base)


def _test(base: OpenPlan, number: int) -> Answer:
    office = present(current_offices().alerts)
    try:
        target = AlertTarget.model_validate(entry(base, STATION, (*TO, number)))
        answer = office.test(target)
    except ValidationError:
        flash(_("This entry of the file is wrong; see below."), "danger")
    except TooOften as error:
        flash(said(error), "warning")
    else:
        if answer.ok:
            flash(_("The test was sent and taken. Look whether it arrived."))
        else:
            why = answer.en if language() == "en" else answer.zh
            flash(_("The test did not get through: %(why)s.") % {"why": why}, "danger")
    return redirect(url_for("alert_settings.show"), 303)


# --- the page


def _page(
    *, base: OpenPlan | None = None, adding: str = "", wrong: Mapping[str, str] | None = None,
    trouble: Sequence[str] = (),
) -> str:  # fmt: skip
    plan = _room().open()
    health, check = current_station().status()["health"], current_station().check()
    blanks = _blanks()
    sent = typed(blanks, base, request.form) if base is not None else {}
    return render_template(
        "settings_alerts.html",
        lights=lights(health), alerts=health["alerts"], faults=check["faults"], warnings=check["warnings"],
        targets=list(_rows(plan)), kinds=_kind_words(), adding=adding or _asked_kind(), wrong=wrong or {},
        trouble=trouble, tag=plan.tag, may=whoever().role in ADMINISTRATORS,
        fields={one.name: one for one in blanks},
        values={one.name: sent.get(one.name, one.shown(plan)) for one in blanks},
        heartbeat=bool(entry(plan, STATION, ("alerts", "heartbeat"))), sent=request.form,
        least_words=_least_words(), can_test=current_offices().alerts is not None,
    )  # fmt: skip


def _asked_kind() -> str:
    asked = request.args.get("add", "")
    return asked if asked in KINDS else ""


def _rows(plan: OpenPlan) -> list[Row]:
    office = current_offices().alerts
    states = office.targets() if office is not None else {}
    rows = []
    for number, one in enumerate(entry(plan, STATION, TO) or []):
        item = one if isinstance(one, Mapping) else {}
        url = str(item.get("url", ""))
        mark, seen = mark_of_address(url), shown(url)
        why = address_fault(url)
        state = states.get(mark)
        if why is None and state is not None and state.zh:
            why = (state.zh, state.en)
        words = why[1 if language() == "en" else 0] if why else ""
        rows.append(
            Row(
                mark, number, str(item.get("name") or ""), _kind_word(seen), seen.tail,
                str(item.get("language", "zh")), str(item.get("least", "warning")), words,
            )
        )  # fmt: skip
    return rows


def _kind_words() -> dict[str, str]:
    return {
        "wecom": _("WeCom group bot"), "dingtalk": _("DingTalk group bot"), "feishu": _("Feishu group bot"),
        "email": _("E-mail"), "json": _("Web address (JSON)"), "other": _("Another Apprise address"),
    }  # fmt: skip


def _kind_word(seen: Shown) -> str:
    return _kind_words()[seen.kind] if seen.kind != "other" else seen.scheme or _kind_words()["other"]


def _least_words() -> list[tuple[str, str]]:
    return [
        ("urgent", _("only what is urgent: no or wrong sound")),
        ("warning", _("also what somebody should see to today")),
        ("notice", _("everything")),
    ]  # fmt: skip


def _blanks() -> list[Blank]:
    at = ("alerts",)
    return [
        Blank(
            "repeat", _("Remind again every"), STATION, (*at, "repeat"), "length", unset="15 min",
            hint=_("until somebody takes note; such as 15 min"),
        ),
        Blank("per_hour", _("Messages in an hour, at most"), STATION, (*at, "per_hour"), "number", unset="12"),
        Blank("quiet_from", _("Quiet from"), STATION, (*at, "quiet", "from"), required=False, hint=_("such as 22:00")),
        Blank("quiet_to", _("until"), STATION, (*at, "quiet", "to"), required=False, hint=_("such as 08:00")),
        Blank(
            "heartbeat", _("Heartbeat address"), STATION, (*at, "heartbeat", "url"), "secret", required=False,
            hint=_("asked while the air is right; a monitor outside calls you when that stops"),
        ),
        Blank(
            "beat_every", _("Heartbeat every"), STATION, (*at, "heartbeat", "every"), "length", unset="60 s",
            hint=_("such as 60 s"),
        ),
    ]  # fmt: skip


def _whole_pairs(edits: list[Edit], base: OpenPlan) -> list[Edit]:
    """Quiet hours go as a whole when both ends are emptied; an interval without an address is not written."""
    quiet = ("alerts", "quiet")
    gone = [edit for edit in edits if edit.op == "remove" and edit.path[:2] == quiet]
    if len(gone) == 2:
        edits = [edit for edit in edits if edit not in gone] + [Edit(file=STATION, op="remove", path=quiet)]
    beats = bool(entry(base, STATION, ("alerts", "heartbeat", "url"))) or any(
        edit.path == ("alerts", "heartbeat", "url") for edit in edits
    )
    return [edit for edit in edits if beats or edit.path[:2] != ("alerts", "heartbeat")]


def _target(url: str) -> AlertTarget:
    return AlertTarget.model_validate({
        "url": url, "name": request.form.get("name", "").strip()[:60], "language": request.form.get("language", "zh"),
        "least": request.form.get("least", "warning"),
    })  # fmt: skip


def _number(plan: OpenPlan, mark: str) -> int:
    items = [one if isinstance(one, Mapping) else {} for one in entry(plan, STATION, TO) or []]
    marks = [mark_of_address(str(one.get("url", ""))) for one in items]
    if mark not in marks:
        abort(404)
    return marks.index(mark)


def _publish(edits: Sequence[Edit], words: str, base: OpenPlan) -> str | Answer:
    try:
        version = _room().publish(base.tag, edits, who=whoever().name, words=words, where=where(), anyway=True)
    except PlanRefused as refused:
        wrong, others = told_by_field(_blanks(), refused.told)
        return _page(base=base, wrong=wrong, trouble=others or [_("This is missing or wrong.")])
    except PlanConflict as conflict:
        return _page(base=base, trouble=[said(conflict)])
    except BroadcasterError as error:
        return _page(base=base, trouble=[said(error)])
    flash(_("Saved as version %(id)s of the plan.") % {"id": version.id})
    return redirect(url_for("alert_settings.show"), 303)


def _as_sent() -> OpenPlan:
    tag = request.form.get("tag", "")
    return _room().as_of(tag) if tag else _room().open()


def _room() -> PlanRoom:
    return present(current_offices().plan)
