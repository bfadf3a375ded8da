"""Proof of play: what the log has of vendors' notices, read for the sums of :mod:`broadcaster.asrun.ledger`."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from broadcaster.asrun.counting import Standing
from broadcaster.asrun.entries import Entry, Outcome
from broadcaster.asrun.ledger import Counts, Facts, Heard, Ready, known_from
from broadcaster.asrun.log import entry_of
from broadcaster.asrun.search import PAGE, Page
from broadcaster.asrun.standings import Found, Kind, judge, recordings, standings
from broadcaster.store.database import Database
from broadcaster.store.notice_names import notice_ref, refs_of, vendors_of
from broadcaster.store.tables import asrun, contracts, day_promises, notices, revisions
from broadcaster.store.vendors import Contract

AT_ONCE = 5000
"""Entries in memory while a file is written, and those of one date more."""


class Settled(NamedTuple):
    """An airing of a notice for which nothing is owed."""

    ref: str
    date: dt.date


class Judged(NamedTuple):
    """An entry, and what it is worth."""

    entry: Entry
    standing: Standing


class Proof:
    """Reads for one zone; may be shared by threads. ``StoreError`` as of :class:`Database`."""

    def __init__(self, database: Database, zone: str) -> None:
        self._database = database
        self.zone = zone

    def settled(self, first: dt.date, last: dt.date) -> Iterator[Settled]:
        """All airings of notices from a date to another for which nothing is owed: what the make-goods go by."""
        ours = and_(asrun.c.zone == self.zone, asrun.c.date.between(first, last), asrun.c.kind == "notice")
        with self._database.reading() as connection:
            found = standings(connection, and_(ours, asrun.c.outcome.in_([Outcome.AIRED, Outcome.PARTIAL])))
        for (date, ref, _, stands), count in found.items():
            if stands.settles:
                for _ in range(count):
                    yield Settled(ref, date)

    def facts(self, vendor: str, first: dt.date, last: dt.date) -> Facts:
        """All that the ledger wants to know of a vendor."""
        return self._facts([vendor], first, last)[vendor]

    def facts_of_all(self, vendors: Sequence[str], first: dt.date, last: dt.date) -> Mapping[str, Facts]:
        """The same of many, which is quicker than one after another."""
        return self._facts(vendors, first, last)

    def _facts(self, vendors: Sequence[str], first: dt.date, last: dt.date) -> Mapping[str, Facts]:
        begin, one = known_from(first), vendors[0] if len(vendors) == 1 else None
        with self._database.reading() as connection:
            agreed = _agreed(connection, one, begin, last)
            ready, turning = _ready(connection, one, begin, last)
            promised = list(connection.execute(self._promises(one, begin, last)))
            found = standings(connection, self._of(one, begin, last))
            refs = {ref for _, ref, _, _ in found}
            whose: Mapping[str, str] = vendors_of(connection, refs) if one is None else dict.fromkeys(refs, one)
        rotations = {ref: rotation for ref, (_, rotation) in turning.items()}
        # A row without a name says that the date is kept, even if it had nothing.
        kept: dict[dt.date, Mapping[str, int]] = {on: {} for on, _, _ in promised}
        days = {vendor: dict(kept) for vendor in vendors}
        for date, ref, contracted in promised:
            if ref in turning and turning[ref][0] in days:
                sums = days[turning[ref][0]]
                sums[date] = {**sums[date], rotations[ref]: sums[date].get(rotations[ref], 0) + contracted}
        theirs: dict[str | None, Counter[Kind]] = {}
        for kind, count in found.items():
            theirs.setdefault(whose.get(kind[1]), Counter())[kind] = count
        return {
            vendor: Facts(
                agreed.get(vendor, ()), days[vendor], ready.get(vendor, ()),
                _counts(theirs.get(vendor, {}), first), _heard(theirs.get(vendor, {}), rotations),
            )
            for vendor in vendors
        }  # fmt: skip

    def page(self, vendor: str, first: dt.date, last: dt.date, offset: int = 0, limit: int = PAGE) -> Page:
        """Entries of a vendor's notices, the newest first, at most ``limit`` from ``offset`` on."""
        offset, limit = max(0, offset), min(max(1, limit), PAGE)
        with self._database.reading() as connection:
            sums = self._sums(connection, vendor, first, last)
            wanted, gone = [], 0
            for date, count in reversed(sums):
                if gone < offset + limit and gone + count > offset:
                    wanted.append((date, gone))
                gone += count
            entries = self._entries(connection, vendor, wanted[-1][0], wanted[0][0]) if wanted else []
        skip = offset - wanted[0][1] if wanted else 0
        return Page(
            entries[::-1][skip : skip + limit], gone, offset,
            older=offset + limit if offset + limit < gone else None,
            newer=max(0, offset - limit) if offset else None,
        )  # fmt: skip

    def judged(self, entries: Sequence[Entry]) -> list[Judged]:
        """What each entry is worth."""
        partial = [entry.ref for entry in entries if entry.outcome is Outcome.PARTIAL]
        with self._database.reading() as connection:
            lengths = recordings(connection, partial)
        return [Judged(entry, judge(entry, lengths)) for entry in entries]

    def count(self, vendor: str, first: dt.date, last: dt.date) -> int:
        """How many entries there are of a vendor's notices."""
        with self._database.reading() as connection:
            return sum(count for _, count in self._sums(connection, vendor, first, last))

    def all(self, vendor: str, first: dt.date, last: dt.date) -> Iterator[Judged]:
        """All entries in order, for a file; read as they are wanted, some thousands at once."""
        with self._database.reading() as connection:
            sums = self._sums(connection, vendor, first, last)
        for begin, end in _chunks(sums):
            with self._database.reading() as connection:
                entries = self._entries(connection, vendor, begin, end)
            yield from self.judged(entries)

    def _sums(self, connection: Connection, vendor: str, first: dt.date, last: dt.date) -> list[tuple[dt.date, int]]:
        """Entries of each date that has any, in order: from the index alone."""
        # By name as well: grouped by date alone, SQLite would walk through everybody's entries of all these dates.
        group = (asrun.c.ref, asrun.c.date)
        query = select(asrun.c.date, func.count()).where(self._of(vendor, first, last)).group_by(*group)
        sums: Counter[dt.date] = Counter()
        for date, count in connection.execute(query):
            sums[date] += count
        return sorted(sums.items())

    def _entries(self, connection: Connection, vendor: str, first: dt.date, last: dt.date) -> list[Entry]:
        # Sorted here: SQLite would rather walk through all the years by the index that has the order.
        rows = connection.execute(select(asrun).where(self._of(vendor, first, last)))
        return sorted(map(entry_of, rows), key=lambda entry: (entry.date, entry.planned_at, entry.id))

    def _of(self, vendor: str | None, first: dt.date, last: dt.date) -> ColumnElement[bool]:
        days = asrun.c.date.between(first, last)
        return and_(asrun.c.zone == self.zone, asrun.c.ref.in_(refs_of(vendor)), days)

    def _promises(self, vendor: str | None, first: dt.date, last: dt.date) -> Select[Any]:
        days = and_(day_promises.c.zone == self.zone, day_promises.c.date.between(first, last))
        query = select(day_promises.c.date, day_promises.c.ref, day_promises.c.contracted).where(days)
        if vendor is None:
            return query
        return query.where(or_(day_promises.c.ref == "", day_promises.c.ref.in_(refs_of(vendor))))


def _agreed(connection: Connection, vendor: str | None, first: dt.date, last: dt.date) -> dict[str, list[Contract]]:
    terms = select(contracts).where(contracts.c.first <= last, contracts.c.last >= first).order_by(contracts.c.id)
    found: dict[str, list[Contract]] = {}
    for row in connection.execute(terms if vendor is None else terms.where(contracts.c.vendor == vendor)).mappings():
        found.setdefault(row["vendor"], []).append(Contract(**row))
    return found


def _ready(
    connection: Connection, vendor: str | None, first: dt.date, last: dt.date
) -> tuple[dict[str, list[Ready]], dict[str, tuple[str, str]]]:
    """Stretches for which vendors' notices could take turns; vendor and rotation of each notice that ever did."""
    # Taken out by the database: to read the whole content of thousands of revisions takes longer than all the rest.
    rotation = revisions.c.content["when"]["rotation"].as_string()
    query = (
        select(notices.c.vendor, revisions.c.notice, revisions.c.effective_at, revisions.c.ended_at,
               revisions.c.first, revisions.c.last, rotation.label("rotation"))
        .join(notices, notices.c.id == revisions.c.notice)
        .where(notices.c.vendor.is_not(None) if vendor is None else notices.c.vendor == vendor)
        .where(revisions.c.first <= last, revisions.c.last >= first)
        .order_by(revisions.c.notice, revisions.c.revision)
    )  # fmt: skip
    ready: dict[str, list[Ready]] = {}
    turning: dict[str, tuple[str, str]] = {}
    for row in connection.execute(query):
        if not row.rotation:
            continue
        turning[notice_ref(row.notice)] = row.vendor, row.rotation
        if row.effective_at:
            stretch = Ready(row.rotation, row.effective_at, row.ended_at, row.first, row.last)
            ready.setdefault(row.vendor, []).append(stretch)
    return ready, turning


def _counts(found: Found, first: dt.date) -> dict[dt.date, Counts]:
    days: dict[dt.date, Counter[str]] = {}
    for (date, _, outcome, stands), count in found.items():
        if date < first:
            continue
        day = days.setdefault(date, Counter())
        if outcome is not None:
            day[outcome] += count
        if stands not in (Standing.SILENT, Standing.OPEN):
            day[stands] += count
    return {date: Counts(**{str(name): count for name, count in day.items()}) for date, day in days.items()}


def _heard(found: Found, rotations: Mapping[str, str]) -> dict[dt.date, dict[str, Heard]]:
    sums: dict[dt.date, dict[str, list[int]]] = {}
    for (date, ref, _, stands), count in found.items():
        if stands.settles and ref in rotations:
            sums.setdefault(date, {}).setdefault(rotations[ref], [0, 0])[not stands.counts] += count
    return {date: {name: Heard(*pair) for name, pair in day.items()} for date, day in sums.items()}


def _chunks(sums: Iterable[tuple[dt.date, int]]) -> Iterator[tuple[dt.date, dt.date]]:
    """First and last dates of stretches with no more entries than may be in memory, but one date at least."""
    begin: dt.date | None = None
    end, held = dt.date.min, 0
    for date, count in sums:
        if begin is not None and held + count > AT_ONCE:
            yield begin, end
            begin, held = None, 0
        begin, end, held = begin or date, date, held + count
    if begin is not None:
        yield begin, end
