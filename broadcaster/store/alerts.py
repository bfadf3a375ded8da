"""The alerts there were and are: who was told when, who took note, when it was over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, func, insert, select, update

from broadcaster.store.audit import record_on
from broadcaster.store.database import Database
from broadcaster.store.tables import alerts


@dataclass(frozen=True, slots=True)
class StoredAlert:
    """One alert. ``told_to``: see the table."""

    id: int
    code: str
    subject: str
    severity: Literal["notice", "warning", "urgent"]
    zh: str
    en: str
    since: datetime
    told_at: datetime | None = None
    told: int = 0
    told_to: Mapping[str, str] = field(default_factory=dict)
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    cleared_at: datetime | None = None
    clear_told: bool = False


class AlertRows:
    """Of one zone; may be shared by threads. ``StoreError`` as of :class:`Database`."""

    def __init__(self, database: Database, zone: str) -> None:
        self._database = database
        self._zone = zone

    def unfinished(self) -> list[StoredAlert]:
        """Those that are not over, or of whose end somebody must still be told; oldest first."""
        return self._read(alerts.c.cleared_at.is_(None) | alerts.c.clear_told.is_(False))

    def recent(self, limit: int, before: int | None = None) -> list[StoredAlert]:
        """The latest, newest first; ``before``: with smaller ids only."""
        condition = alerts.c.id < before if before is not None else alerts.c.id >= 0
        return self._read(condition, limit=limit)

    def at(self, instant: datetime, limit: int = 20) -> list[StoredAlert]:
        """Those whose trouble was there at an instant, the latest first."""
        c = alerts.c
        return self._read((c.since <= instant) & (c.cleared_at.is_(None) | (c.cleared_at > instant)), limit=limit)

    def between(self, start: datetime, end: datetime) -> list[StoredAlert]:
        """Those whose trouble was there at some instant from ``start`` up to ``end``, in order."""
        c = alerts.c
        return self._read((c.since < end) & (c.cleared_at.is_(None) | (c.cleared_at >= start)))

    def last_id(self) -> int:
        """The largest id of any zone; 0 if there is none."""
        with self._database.reading() as connection:
            return int(connection.execute(select(func.max(alerts.c.id))).scalar() or 0)

    def save(self, one: StoredAlert) -> None:
        """Write one as it is now, new or known."""
        with self._database.writing() as connection:
            self._save_on(connection, one)

    def acknowledged(self, one: StoredAlert, *, at: datetime, who: str, where: str) -> None:
        """Write one that somebody took note of, and the audit trail's entry."""
        detail = {"code": one.code, "subject": one.subject, "since": one.since.isoformat()}
        with self._database.writing() as connection:
            self._save_on(connection, one)
            record_on(
                connection, at=at, who=who, what="alert.acknowledge", detail=detail, where=where,
                subject=f"alert-{one.id}",
            )  # fmt: skip

    def _save_on(self, connection: Connection, one: StoredAlert) -> None:
        values = _values(one)
        if not connection.execute(update(alerts).where(alerts.c.id == one.id).values(values)).rowcount:
            connection.execute(insert(alerts).values(id=one.id, zone=self._zone, **values))

    def _read(self, condition: Any, *, limit: int | None = None) -> list[StoredAlert]:
        order = alerts.c.id if limit is None else alerts.c.id.desc()
        query = select(alerts).where(alerts.c.zone == self._zone, condition).order_by(order).limit(limit)
        with self._database.reading() as connection:
            return [_alert(row) for row in connection.execute(query).all()]


def _values(one: StoredAlert) -> dict[str, Any]:
    names = (
        "code", "subject", "severity", "zh", "en", "since", "told_at", "told", "acknowledged_at", "acknowledged_by",
        "cleared_at", "clear_told",
    )  # fmt: skip
    return {**{name: getattr(one, name) for name in names}, "told_to": dict(one.told_to)}


def _alert(row: Row[Any]) -> StoredAlert:
    values = dict(row._mapping)
    values.pop("zone")
    return StoredAlert(**values)
