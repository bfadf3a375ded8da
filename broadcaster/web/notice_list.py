"""The list of notices: what waits, what is on air, what is over, and the archive with its search."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from flask import render_template, request

from broadcaster.notices.models import STATES
from broadcaster.notices.wanted import Wanted
from broadcaster.web.auth import whoever
from broadcaster.web.i18n import gettext as _
from broadcaster.web.offices import Account, current_offices
from broadcaster.web.parse import whole

if TYPE_CHECKING:
    from broadcaster.notices.models import State

PAGE_LENGTH = 30
PAGES_MOST = 10_000

TABS: Mapping[str, tuple[State, ...]] = {
    "waiting": ("submitted",),
    "running": ("approved", "ready"),
    "over": ("rejected", "withdrawn", "expired"),
    "archive": (),
}


@dataclass(frozen=True, slots=True)
class Tab:
    """One of the lists, and how many notices stand in it."""

    id: str
    name: str
    count: int | None
    here: bool


def show_list() -> str:
    """The page of ``/notices``: the approver's queue first, then the list that was asked for."""
    account, desk = whoever(), current_offices().notices
    asked = {name: request.args.get(name, "").strip() for name in ("q", "vendor", "state", "from", "to", "mine")}
    tab = _tab(asked, account)
    wanted = _wanted(tab, asked, account)
    page = min(max(1, request.args.get("page", 1, type=whole)), PAGES_MOST)
    found = desk.count(wanted)
    records = desk.list(wanted=wanted, limit=PAGE_LENGTH, offset=(page - 1) * PAGE_LENGTH)
    queue = desk.queue(account) if tab == "waiting" and page == 1 and not any(asked.values()) else ()
    above = {record.id for record in queue}
    office = current_offices()
    return render_template(
        "notices.html",
        tabs=[_shown(name, tab) for name in TABS],
        tab=tab,
        queue=queue,
        records=[record for record in records if record.id not in above],
        found=found,
        page=page,
        pages=max(1, -(-found // PAGE_LENGTH)),
        asked=asked,
        link={name: value for name, value in {**asked, "tab": tab}.items() if value},
        states=STATES,
        vendors=office.choices().vendors,
        names={one.name: one.display for one in office.accounts.list()},
        has_forms=bool(office.forms()),
    )


def _tab(asked: Mapping[str, str], account: Account) -> str:
    tab = request.args.get("tab", "")
    if tab in TABS:
        return tab
    if any(asked.values()):
        return "archive"
    desk = current_offices().notices
    waits = desk.waiting(account) or desk.count(Wanted(TABS["waiting"], author=account.name))
    return "waiting" if waits else "running"


def _wanted(tab: str, asked: Mapping[str, str], account: Account) -> Wanted:
    states: tuple[State, ...] = TABS[tab]
    chosen = next((state for state in STATES if state == asked["state"]), None)
    if chosen is not None and tab == "archive":
        states = (chosen,)
    return Wanted(
        states=states,
        vendor=asked["vendor"] or None,
        author=account.name if asked["mine"] else None,
        search=asked["q"],
        since=_date(asked["from"]),
        until=_date(asked["to"]),
    )


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _shown(name: str, here: str) -> Tab:
    words = {
        "waiting": _("Waiting"),
        "running": _("On their schedule"),
        "over": _("Ended"),
        "archive": _("Archive and search"),
    }
    desk = current_offices().notices
    count = desk.count(Wanted(states=TABS[name])) if name in ("waiting", "running") else None
    return Tab(name, words[name], count, name == here)
