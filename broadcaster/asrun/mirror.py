"""What one PC's log says of its spots, told to the other's: so that neither airs what the other did.

The two agree by a rule that does not depend on who tells first: what was heard stands above what was left out, the
first end that is known holds, and nothing is ever taken back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import and_, insert, or_, select, update

from broadcaster.asrun.entries import Outcome
from broadcaster.store.database import Database
from broadcaster.store.tables import asrun

MARK = "由另一台电脑播出 / aired by the other PC"
MOST = 20_000
_NAMES = (
    "date", "spot_id", "kind", "ref", "title", "planned_at", "armed_at", "commanded_at", "heard_at", "ended_at",
    "outcome", "reason", "loudness_lufs", "heard_by",
)  # fmt: skip
_INSTANTS = ("planned_at", "armed_at", "commanded_at", "heard_at", "ended_at")
_UNTIMED = dt.timedelta(minutes=2)
"""A spot that is left out has no instant but its planned one."""


def spots_changed(database: Database, zone: str, since: dt.datetime) -> list[dict[str, Any]]:
    """The spots of which something was written at ``since`` or later, as JSON. ``StoreError``."""
    c = asrun.c
    instants = (c.armed_at, c.commanded_at, c.heard_at, c.ended_at)
    lately = or_(*(one >= since for one in instants), c.planned_at >= since - _UNTIMED)
    near = c.planned_at >= since - dt.timedelta(days=1)
    query = select(*(c[name] for name in _NAMES)).where(c.zone == zone, c.spot_id.is_not(None), near, lately)
    with database.reading() as connection:
        rows = [dict(row._mapping) for row in connection.execute(query.order_by(c.planned_at).limit(MOST))]
    return [{name: _plain(value) for name, value in row.items()} for row in rows]


def merge_spots(database: Database, zone: str, told: Sequence[Mapping[str, Any]]) -> list[dt.date]:
    """Take in what the other PC's log says; the dates of which something is new. ``StoreError``, ``ValueError``."""
    rows = {str(one["spot_id"]): _read(one) for one in told}
    if not rows:
        return []
    c = asrun.c
    known: dict[str, dict[str, Any]] = {}
    names = list(rows)
    with database.reading() as connection:
        for start in range(0, len(names), 500):
            some = and_(c.zone == zone, c.spot_id.in_(names[start : start + 500]))
            found = connection.execute(select(*(c[name] for name in _NAMES)).where(some))
            known |= {str(row.spot_id): dict(row._mapping) for row in found}
    news = {name: change for name, row in rows.items() if (change := _change(known.get(name), row))}
    if not news:
        return []
    with database.writing() as connection:
        for name, change in news.items():
            if name in known:
                connection.execute(update(asrun).where(c.zone == zone, c.spot_id == name).values(change))
            else:
                connection.execute(insert(asrun).values(zone=zone, **change))
    return sorted({rows[name]["date"] for name in news})


def _change(mine: Mapping[str, Any] | None, other: Mapping[str, Any]) -> dict[str, Any]:
    """What of mine is to become otherwise; pure."""
    if other["commanded_at"] is None and other["outcome"] is None:
        # Only taken on: that is nobody else's business.
        return {}
    heard = other["commanded_at"] is not None
    if mine is None or (mine["commanded_at"] is None and (heard or mine["outcome"] is None)):
        reason = other["reason"]
        if heard and MARK not in reason:
            reason = f"{reason}; {MARK}" if reason else MARK
        taken = {**other, "reason": reason}
        same = mine is not None and all(mine[name] == taken[name] for name in _NAMES)
        return {} if same else taken
    if heard and mine["outcome"] is None and other["outcome"] is not None:
        return {name: other[name] for name in ("ended_at", "outcome", "reason")}
    return {}


def _read(told: Mapping[str, Any]) -> dict[str, Any]:
    row = {name: told.get(name) for name in _NAMES}
    row |= {name: dt.datetime.fromisoformat(told[name]) for name in _INSTANTS if row[name] is not None}
    row["date"] = dt.date.fromisoformat(str(told["date"]))
    row["outcome"] = Outcome(row["outcome"]) if row["outcome"] is not None else None
    row["reason"] = str(row["reason"] or "")
    return row


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.datetime | dt.date) else value
