"""The audit trail: who did what, from where. Entries are added, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, or_, select

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
    subject: str | None = None
    """What it was done to, such as ``notice-12``."""


def record_on(
    connection: Connection,
    *,
    at: datetime,
    who: str,
    what: str,
    detail: Mapping[str, Any],
    where: str = "",
    subject: str | None = None,
) -> int:
    """Note a deed within the transaction that does it, so that there is never the one without the other."""
    values = {"at": at, "who": who, "what": what, "detail": dict(detail), "where": where, "subject": subject}
    return int(connection.execute(insert(audit).values(values).returning(audit.c.id)).scalar_one())


class AuditTrail:
    """Writes and reads the trail; may be shared by threads. ``StoreError`` as of :class:`Database`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def record(
        self,
        *,
        who: str,
        what: str,
        detail: Mapping[str, Any] | None = None,
        where: str = "",
        subject: str | None = None,
    ) -> int:
        """Note a deed, now; on disk when this returns. Returns its id.

        ``what`` is a dotted word like ``notice.approve``. ``detail`` must be JSON; else ``TypeError``.
        """
        at = self._clock.now()
        with self._database.writing() as connection:
            return record_on(
                connection, at=at, who=who, what=what, detail=detail or {}, where=where, subject=subject
            )  # fmt: skip

    def entries(
        self,
        limit: int = 100,
        *,
        before: int | None = None,
        subject: str | None = None,
        who: str | None = None,
        what: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[AuditEntry]:
        """The newest entries first, at most ``limit``; ``before`` an id, to read on; ``subject`` for its own alone.

        ``what`` is a deed like ``notice.approve``, or its first word, for all deeds of that area. ``until`` itself is
        not included.
        """
        query = select(audit).order_by(audit.c.id.desc()).limit(limit)
        if who is not None:
            query = query.where(audit.c.who == who)
        if what is not None:
            query = query.where(or_(audit.c.what == what, audit.c.what.startswith(f"{what}.", autoescape=True)))
        if since is not None:
            query = query.where(audit.c.at >= since)
        if until is not None:
            query = query.where(audit.c.at < until)
        if before is not None:
            query = query.where(audit.c.id < before)
        if subject is not None:
            query = query.where(audit.c.subject == subject)
        with self._database.reading() as connection:
            return [AuditEntry(**row) for row in connection.execute(query).mappings()]
