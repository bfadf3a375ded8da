"""What people did to the air by hand: kept with the audit trail's entry in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, or_, select, update

from broadcaster.store.audit import record_on
from broadcaster.store.database import Database
from broadcaster.store.tables import interventions


@dataclass(frozen=True, slots=True)
class StoredIntervention:
    """One deed of the desk, as :class:`broadcaster.playout.interventions.Intervention` has it."""

    id: int
    kind: str
    target: str | None
    params: Mapping[str, Any]
    since: datetime
    until: datetime | None
    who: str
    reason: str
    ended_at: datetime | None
    ended_by: str | None


class InterventionRows:
    """Of one zone; may be shared by threads. ``StoreError`` as of :class:`Database`."""

    def __init__(self, database: Database, zone: str) -> None:
        self._database = database
        self._zone = zone

    def since(self, instant: datetime) -> list[StoredIntervention]:
        """Those that began at an instant or later, or that still held then; in order."""
        late = or_(interventions.c.since >= instant, interventions.c.until.is_(None), interventions.c.until >= instant)
        return self._read(late)

    def between(self, start: datetime, end: datetime) -> list[StoredIntervention]:
        """Those of :meth:`since` that began before ``end``."""
        c = interventions.c
        late = or_(c.since >= start, c.until.is_(None), c.until >= start)
        return self._read(late & (c.since < end))

    def inserts(self, start: datetime, end: datetime) -> list[StoredIntervention]:
        """What was put on air by hand from ``start`` up to ``end``."""
        c = interventions.c
        return self._read((c.kind == "insert") & (c.since >= start) & (c.since < end))

    def get(self, number: int) -> StoredIntervention | None:
        """One by its id."""
        found = self._read(interventions.c.id == number)
        return found[0] if found else None

    def add(
        self,
        kind: str,
        target: str | None,
        params: Mapping[str, Any],
        *,
        since: datetime,
        until: datetime | None,
        who: str,
        reason: str,
        where: str,
        instead_of: tuple[int, ...] = (),
    ) -> int:
        """Note a deed, and that it ends others; returns its id. On disk, with its audit entry, when this returns."""
        values = {
            "zone": self._zone, "kind": kind, "target": target, "params": dict(params), "since": since,
            "until": until, "who": who, "reason": reason, "made_at": since,
        }  # fmt: skip
        with self._database.writing() as connection:
            for number in instead_of:
                connection.execute(
                    update(interventions)
                    .where(interventions.c.id == number, interventions.c.ended_at.is_(None))
                    .values(ended_at=since, ended_by=who)
                )
            statement = insert(interventions).values(values).returning(interventions.c.id)
            number = int(connection.execute(statement).scalar_one())
            detail = {
                "target": target, **params, "reason": reason, "until": until.isoformat() if until else None,
            }  # fmt: skip
            record_on(
                connection, at=since, who=who, what=f"air.{kind}", detail=detail, where=where, subject=f"air-{number}"
            )
        return number

    def end(self, number: int, *, at: datetime, who: str, where: str) -> bool:
        """Note that somebody ended one. False if it was ended before."""
        with self._database.writing() as connection:
            ended = connection.execute(
                update(interventions)
                .where(interventions.c.id == number, interventions.c.zone == self._zone)
                .where(interventions.c.ended_at.is_(None))
                .values(ended_at=at, ended_by=who)
                .returning(interventions.c.kind, interventions.c.target, interventions.c.params)
            ).one_or_none()
            if ended is None:
                return False
            detail = {"kind": ended.kind, "target": ended.target, "title": ended.params.get("title_zh")}
            record_on(connection, at=at, who=who, what="air.end", detail=detail, where=where, subject=f"air-{number}")
        return True

    def _read(self, condition: Any) -> list[StoredIntervention]:
        query = select(interventions).where(interventions.c.zone == self._zone, condition)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(interventions.c.since, interventions.c.id)).all()
        return [_intervention(row) for row in rows]


def _intervention(row: Row[Any]) -> StoredIntervention:
    values = dict(row._mapping)
    for name in ("zone", "made_at"):
        values.pop(name)
    return StoredIntervention(**values)
