"""The audit trail: who did what, from where. Entries are added, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from broadcaster.clock import Clock
from broadcaster.store.database import Database
from broadcaster.store.tables import audit


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One deed. ``where`` is the place it was done from: an address, ``cli``, ``file``."""

    id: int
    at: datetime
    who: str
    what: str
    detail: Mapping[str, Any]
    where: str


class AuditTrail:
    """Writes and reads the trail; may be shared by threads. ``StoreError`` as of :class:`Database`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def record(self, *, who: str, what: str, detail: Mapping[str, Any] | None = None, where: str = "") -> int:
        """Note a deed, now; on disk when this returns. Returns its id.

        ``what`` is a dotted word like ``notice.approve``. ``detail`` must be JSON; else ``TypeError``.
        """
        values = {"at": self._clock.now(), "who": who, "what": what, "detail": dict(detail or {}), "where": where}
        with self._database.writing() as connection:
            return int(connection.execute(insert(audit).values(values).returning(audit.c.id)).scalar_one())

    def entries(self, limit: int = 100, *, before: int | None = None) -> list[AuditEntry]:
        """The newest entries first, at most ``limit``; ``before`` an id, to read on."""
        query = select(audit).order_by(audit.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(audit.c.id < before)
        with self._database.reading() as connection:
            return [AuditEntry(**row) for row in connection.execute(query).mappings()]
