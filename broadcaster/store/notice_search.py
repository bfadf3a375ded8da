"""Which notices are looked for, as the database asks it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import ColumnElement, and_, or_

from broadcaster.store.tables import notices, revisions

RUNNING = ("submitted", "approved", "ready")
"""States that expire."""


def wanted_where(
    today: date, states: Collection[str], vendor: str | None, author: str | None, search: str, since: date | None,
    until: date | None,
) -> list[ColumnElement[bool]]:  # fmt: skip
    """Conditions on a notice, and on its revision where dates are asked for."""
    conditions: list[ColumnElement[bool]] = []
    if states:
        kinds: list[ColumnElement[bool]] = []
        if running := [state for state in states if state in RUNNING]:
            kinds.append(and_(notices.c.state.in_(running), notices.c.last >= today))
        if "expired" in states:
            kinds.append(and_(notices.c.state.in_(RUNNING), notices.c.last < today))
        if ended := [state for state in states if state not in RUNNING and state != "expired"]:
            kinds.append(notices.c.state.in_(ended))
        conditions.append(or_(*kinds))
    if vendor is not None:
        conditions.append(notices.c.vendor == vendor)
    if author is not None:
        conditions.append(notices.c.author == author)
    conditions += [notices.c.searched.contains(word, autoescape=True) for word in search.casefold().split()]
    if since is not None:
        conditions.append(revisions.c.last >= since)
    if until is not None:
        conditions.append(revisions.c.first <= until)
    return conditions
