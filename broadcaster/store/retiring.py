"""What is old enough to leave the database: found by its date, given out as documents, deleted only when it is still
what was given out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    RowMapping,
    Table,
    and_,
    delete,
    func,
    or_,
    select,
)
from sqlalchemy.types import Date

from broadcaster.store.database import Database
from broadcaster.store.notice_names import refs_of
from broadcaster.store.tables import (
    alerts,
    approvals,
    asrun,
    audit,
    contracts,
    day_promises,
    day_texts,
    notices,
    plan_texts,
    plan_versions,
    renderings,
    revisions,
)

Document = dict[str, Any]
"""A row as JSON has it: dates and instants as ISO 8601, the latter in UTC. Rows that hang on it are in it."""

TEXTS = "texts"
"""In a plan's version: the files' texts by their hashes. Not compared; a writer may leave out what it has already."""


@dataclass(frozen=True, slots=True)
class _Source:
    table: Table
    stamp: Column[Any]
    """What says how old a row is: a date or an instant."""
    key: tuple[Column[Any], ...]

    @property
    def numbered(self) -> bool:
        return [column.name for column in self.key] == ["id"]


_SOURCES: Mapping[str, _Source] = {
    "asrun": _Source(asrun, asrun.c.date, (asrun.c.id,)),
    "promises": _Source(day_promises, day_promises.c.date, tuple(day_promises.primary_key.columns)),
    "texts": _Source(day_texts, day_texts.c.date, (day_texts.c.id,)),
    "audit": _Source(audit, audit.c.at, (audit.c.id,)),
    "alerts": _Source(alerts, alerts.c.since, (alerts.c.id,)),
    "versions": _Source(plan_versions, plan_versions.c.at, (plan_versions.c.id,)),
    "revisions": _Source(revisions, revisions.c.last, (revisions.c.notice, revisions.c.revision)),
}

KINDS = tuple(_SOURCES)
"""What can be archived, by name."""


class Retiring:
    """Of one zone; may be shared by threads. ``StoreError`` as of :class:`Database`.

    Never given out, however old: entries without an end, alerts that are not over or that nobody acknowledged, what
    belongs to a vendor whose contract still runs (from its first date on), the plan's version that held at ``before``
    and all later ones, a notice's last revision, and a table's newest row, whose number must not be given anew.
    """

    def __init__(self, database: Database, zone: str) -> None:
        self._database = database
        self._zone = zone

    def oldest(self, kind: str, before: date, today: date, since: date = date.min) -> date | None:
        """The date of the first row from ``since`` on that may go. Instants count by their date in UTC."""
        source = _SOURCES[kind]
        with self._database.reading() as connection:
            which = and_(self._may_go(connection, kind, before, today), _within(source, since, before))
            found = connection.execute(select(func.min(source.stamp)).where(which)).scalar_one()
        return found.date() if isinstance(found, datetime) else found

    def of_day(self, kind: str, on: date, before: date, today: date) -> list[Document]:
        """The rows of a date that may go, in the order of their keys."""
        source = _SOURCES[kind]
        with self._database.reading() as connection:
            which = and_(self._may_go(connection, kind, before, today), _within(source, on, on + timedelta(days=1)))
            rows = connection.execute(select(source.table).where(which).order_by(*source.key)).mappings().all()
            return self._documents(connection, kind, rows)

    def delete(self, kind: str, documents: Sequence[Mapping[str, Any]]) -> int:
        """Delete, in one transaction, those that still are what these say; returns how many. Others stay."""
        source = _SOURCES[kind]
        if not documents:
            return 0
        wanted = {_key(source, one): _comparable(one) for one in documents}
        with self._database.writing() as connection:
            rows = connection.execute(select(source.table).where(_named(source, documents))).mappings().all()
            there = self._documents(connection, kind, rows)
            same = [one for one in there if wanted[_key(source, one)] == _comparable(one)]
            if not same:
                return 0
            if kind == "revisions":
                for table in (approvals, renderings):
                    pairs = (and_(table.c.notice == one["notice"], table.c.revision == one["revision"]) for one in same)
                    connection.execute(delete(table).where(or_(*pairs)))
            gone = connection.execute(delete(source.table).where(_named(source, same))).rowcount
            if kind == "versions":
                _delete_texts(connection, {digest for one in same for digest in one["files"].values()})
            return gone

    def _may_go(self, connection: Connection, kind: str, before: date, today: date) -> ColumnElement[bool]:
        source = _SOURCES[kind]
        parts = [_within(source, None, before)]
        if "zone" in source.table.c:
            parts.append(source.table.c.zone == self._zone)
        if source.numbered:
            parts.append(source.key[0] < (connection.execute(select(func.max(source.key[0]))).scalar() or 0))
        if "ref" in source.table.c:
            parts += [
                ~and_(source.table.c.ref.in_(refs_of(vendor)), source.table.c.date >= first)
                for vendor, first in _running(connection, today)
            ]
        if kind == "asrun":
            parts.append(asrun.c.outcome.is_not(None))
        elif kind == "alerts":
            parts += [alerts.c.acknowledged_at.is_not(None), alerts.c.cleared_at.is_not(None), alerts.c.clear_told]
        elif kind == "versions":
            held = select(func.max(plan_versions.c.id)).where(_within(source, None, before))
            parts.append(plan_versions.c.id < (connection.execute(held).scalar() or 0))
        elif kind == "revisions":
            running = [vendor for vendor, _ in _running(connection, today)]
            superseded = select(notices.c.id).where(
                notices.c.id == revisions.c.notice, notices.c.revision > revisions.c.revision,
                or_(notices.c.vendor.is_(None), notices.c.vendor.not_in(running)),
            )  # fmt: skip
            parts += [superseded.exists(), revisions.c.ended_at < _midnight(before)]
        return and_(*parts)

    @staticmethod
    def _documents(connection: Connection, kind: str, rows: Sequence[RowMapping]) -> list[Document]:
        found = [{name: _plain(value) for name, value in row.items()} for row in rows]
        if kind == "versions" and found:
            digests = {digest for one in found for digest in one["files"].values()}
            query = select(plan_texts).where(plan_texts.c.hash.in_(digests))
            texts: dict[str, str] = {row.hash: row.text for row in connection.execute(query)}
            for one in found:
                one[TEXTS] = {digest: texts[digest] for digest in one["files"].values() if digest in texts}
        if kind == "revisions":
            for one in found:
                for name, table in (("approvals", approvals), ("renderings", renderings)):
                    query_of = select(table).where(table.c.notice == one["notice"], table.c.revision == one["revision"])
                    hanging = connection.execute(query_of.order_by(table.c.id)).mappings()
                    one[name] = [{key: _plain(value) for key, value in row.items()} for row in hanging]
        return found


def _midnight(on: date) -> datetime:
    return datetime.combine(on, time.min, UTC)


def _within(source: _Source, start: date | None, end: date) -> ColumnElement[bool]:
    bound: Callable[[date], date | datetime] = (lambda on: on) if isinstance(source.stamp.type, Date) else _midnight
    upper = source.stamp < bound(end)
    return upper if start is None else and_(source.stamp >= bound(start), upper)


def _running(connection: Connection, today: date) -> list[tuple[str, date]]:
    """Vendors whose contracts still run or are to come, and the first date of the earliest of these."""
    query = (
        select(contracts.c.vendor, func.min(contracts.c.first))
        .where(contracts.c.last >= today, contracts.c.ended_at.is_(None))
        .group_by(contracts.c.vendor)
    )
    return [(vendor, first) for vendor, first in connection.execute(query)]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _key(source: _Source, document: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(document[column.name] for column in source.key)


def _comparable(document: Mapping[str, Any]) -> Document:
    return {name: value for name, value in document.items() if name != TEXTS}


def _named(source: _Source, documents: Sequence[Mapping[str, Any]]) -> ColumnElement[bool]:
    if source.numbered:
        return source.key[0].in_([one["id"] for one in documents])
    return or_(*(and_(*(column == _bound(column, one[column.name]) for column in source.key)) for one in documents))


def _bound(column: Column[Any], value: Any) -> Any:
    return date.fromisoformat(value) if isinstance(column.type, Date) else value


def _delete_texts(connection: Connection, candidates: set[str]) -> None:
    """Texts of files that no version has any more."""
    for files in connection.execute(select(plan_versions.c.files)).scalars():
        candidates -= set(files.values())
    connection.execute(delete(plan_texts).where(plan_texts.c.hash.in_(candidates)))
