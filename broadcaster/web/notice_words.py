"""The page's words for notices: states, roles, doubts, times."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

from flask import g

from broadcaster.errors import BroadcasterError
from broadcaster.web.i18n import gettext as _
from broadcaster.web.i18n import language, title_of
from broadcaster.web.offices import current_offices
from broadcaster.web.view import current_station

if TYPE_CHECKING:
    from datetime import date

    from broadcaster.notices.models import NoticeRecord, When

#: The state of a notice that is still approved, and is heard no more.
AIRED = "aired"
#: Before a form's id, as who said yes to its wording.
FORM = "form:"
LATENESS = ("join", "2 min", "10 min", "skip", "make_good")


def role_word(role: str) -> str:
    """What an account is."""
    return {
        "announcer": _("Announcer"),
        "manager": _("Manager"),
        "promo": _("Promo staff"),
        "supervisor": _("Supervisor"),
        "it": _("IT"),
    }.get(role, role)


def role_options(roles: Iterable[str]) -> list[tuple[str, str]]:
    """Roles to choose from."""
    return [(role, role_word(role)) for role in roles]


def notice_state(state: str) -> str:
    """How far a notice has come."""
    return {
        "submitted": _("Waits for approval"),
        "approved": _("Approved, being spoken"),
        "ready": _("On its schedule"),
        AIRED: _("All aired"),
        "rejected": _("Rejected"),
        "withdrawn": _("Withdrawn"),
        "expired": _("Over"),
    }.get(state, state)


def state_today(record: NoticeRecord) -> str:
    """Its state, or :data:`AIRED` for one on its last date of which the log has the end of every airing."""
    when, today = record.draft.when, current_station().today()
    if record.state != "ready" or max((day for day in when.dates if day <= when.last), default=when.last) > today:
        return record.state
    planned, over = _airings(today)
    mine = planned.get(record.ref, set())
    return AIRED if mine and mine <= over.keys() and any(over[one] for one in mine) else record.state


def _airings(today: date) -> tuple[Mapping[str, set[str]], Mapping[str, bool]]:
    """Today's planned spots by what they say, and whether those that are over were heard; asked once a request."""
    if "notice_airings" not in g:
        planned: dict[str, set[str]] = {}
        over: dict[str, bool] = {}
        try:
            for spot in current_station().rundown(today)["spots"]:
                planned.setdefault(spot["ref"], set()).add(spot["id"])
            for entry in current_station().asrun(today)["entries"]:
                if entry.get("spot_id") and entry["outcome"] is not None:
                    over[entry["spot_id"]] = entry["outcome"] in ("aired", "partial")
        except BroadcasterError:
            planned = {}
        g.notice_airings = planned, over
    return cast("tuple[Mapping[str, set[str]], Mapping[str, bool]]", g.notice_airings)


def state_option(state: str) -> tuple[str, str]:
    """A state to choose."""
    return state, notice_state(state)


def read_options(read: str) -> list[tuple[str, str]]:
    """How often one airing reads it; a number beyond the usual ones stays to be chosen."""
    numbers = sorted({1, 2, 3, 4, 5} | ({int(read)} if str(read).isdecimal() else set()))
    return [(str(number), _("%(n)s times") % {"n": number} if number > 1 else _("once")) for number in numbers]


def priority_word(priority: str) -> str:
    """The rung of the ladder."""
    return {"urgent": _("Urgent"), "scheduled": _("At its time"), "rotation": _("In turn")}.get(priority, priority)


def priority_options(priorities: Iterable[str]) -> list[tuple[str, str]]:
    """Priorities to choose from."""
    return [(priority, priority_word(priority)) for priority in priorities]


def lateness_words(lateness: str) -> str:
    """What becomes of it when it can't start on time."""
    return {
        "join": _("start late, inside"),
        "2 min": _("up to 2 minutes late"),
        "10 min": _("up to 10 minutes late"),
        "skip": _("leave it out"),
        "make_good": _("at the next free place"),
    }.get(lateness, lateness)


def pause_words(pause: str) -> str:
    """So long a silence between two readings."""
    return _("%(s)s seconds") % {"s": pause}


def chime_options(chimes: Mapping[str, str]) -> list[tuple[str, str]]:
    """Chimes to choose from; those of the starter kit are files with an English name."""
    known = {"ding-dong": _("Ding-dong, two tones"), "four-tone": _("Four tones rising")}
    return [(name, known.get(name, title)) for name, title in chimes.items()]


def doubt_word(code: str) -> str:
    """Why a word should be looked at."""
    return {
        "unknown-word": _("not known"),
        "polyphone": _("has several readings"),
        "character": _("a rare character"),
        "number": _("a number that can be read in several ways"),
        "rare-name": _("perhaps a name"),
    }.get(code, code)


def deed_word(what: str) -> str:
    """An entry of a notice's history."""
    return {
        "submit": _("submitted"),
        "edit": _("changed"),
        "approve": _("approved"),
        "reject": _("rejected"),
        "withdraw": _("withdrew"),
        "ready": _("spoken and ready"),
        "failed": _("could not be spoken"),
    }.get(what.removeprefix("notice."), what)


def air_words(seconds: float) -> str:
    """``8 min 24 s``, rounded to seconds."""
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return _("%(s)s s") % {"s": rest}
    return _("%(min)s min %(s)s s") % {"min": minutes, "s": rest} if rest else _("%(min)s min") % {"min": minutes}


def when_words(when: When) -> str:
    """When a notice airs, in a line."""
    if when.now:
        return when.first.isoformat() + " " + _("at once")
    days = when.first.isoformat() if when.first == when.last else f"{when.first.isoformat()} – {when.last.isoformat()}"
    content = when.model_dump(mode="json", by_alias=True)
    if when.rotation:
        turns = current_offices().choices().rotations.get(when.rotation, when.rotation)
        return days + " " + _("in turn: %(rotation)s") % {"rotation": turns}
    if when.every:
        windows = ", ".join(f"{window['from']}–{window['to']}" for window in content["windows"])
        return (days + " " + _("every %(length)s") % {"length": air_words(when.every)} + f" {windows}").rstrip()
    return f"{days} {' '.join(map(str, content['at']))}"


def label_of(item: Any) -> str:
    """A title with ``zh`` and ``en``, or a plain text, in the request's language."""
    if isinstance(item, str):
        return item
    if isinstance(item, Mapping):
        return title_of({"title": item.get("zh", ""), "title_en": item.get("en", "")})
    return str((getattr(item, "en", "") if language() == "en" else "") or getattr(item, "zh", item))


def person(name: str) -> str:
    """The name that others see of an account, or of the ready-made form that stood for one."""
    if name.startswith(FORM):
        form = current_offices().forms().get(name.removeprefix(FORM))
        return _("the ready-made form %(form)s") % {"form": label_of(form.title) if form else name.removeprefix(FORM)}
    account = current_offices().accounts.get(name)
    return account.display if account else name
