"""Who did what, from where: the audit trail in plain words."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request

from broadcaster.web.audit_words import area_options, deed_words, place_words, who_words
from broadcaster.web.auth import needs
from broadcaster.web.offices import AUDITORS, current_offices
from broadcaster.web.parse import parse_day, whole
from broadcaster.web.report_words import row_words
from broadcaster.web.reports import office

audit = Blueprint("audit", __name__)

PAGE = 100


@audit.get("/audit")
@needs(*AUDITORS)
def trail() -> str:
    """The newest deeds first."""
    asked = {name: request.args.get(name, "").strip()[:80] for name in ("who", "what", "from", "to")}
    before = request.args.get("before", type=whole)
    found = read_trail(asked, PAGE + 1, before)
    shown = found[:PAGE]
    people = {account.name: account.display for account in current_offices().accounts.list()}
    return render_template(
        "audit.html", entries=shown, asked=asked, before=before, people=people, areas=area_options(),
        older=shown[-1].id if len(found) > PAGE else None, deed_sentence=deed_words(), place_words=place_words,
        who_words=who_words, query={name: value for name, value in asked.items() if value}, **row_words(),
    )  # fmt: skip


def read_trail(asked: dict[str, str], limit: int, before: int | None) -> Any:
    """Entries by what a query asks for. Raises ``UsageError`` for what is no date."""
    return office().audit(
        limit,
        before=before,
        who=asked["who"] or None,
        what=asked["what"] or None,
        first=parse_day(asked["from"]) if asked["from"] else None,
        last=parse_day(asked["to"]) if asked["to"] else None,
    )
