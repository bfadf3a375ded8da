"""Proof of play: what the log has of vendors' notices, read for the sums of :mod:`broadcaster.asrun.ledger`."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select

from broadcaster.asrun import counting
from broadcaster.asrun.counting import Recording, Standing, length_of, standing
from broadcaster.asrun.entries import Entry, Outcome
from broadcaster.asrun.ledger import Counts, Facts, Heard, Ready, known_from
from broadcaster.asrun.log import entry_of
from broadcaster.asrun.search import PAGE, Page, refs_of
from broadcaster.store.database import Database
from broadcaster.store.tables import asrun, contracts, day_promises, notices, renderings, revisions
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
            found = _standings(connection, and_(ours, asrun.c.outcome.in_([Outcome.AIRED, Outcome.PARTIAL])))
        for (date, ref, _, stands), count in found.items():
            if stands.settles:
                for _ in range(count):
                    yield Settled(ref, date)

    def facts(self, vendor: str, first: dt.date, last: dt.date) -> Facts:
        """All that the ledger wants to know of a vendor."""
        begin = known_from(first)
        terms = (
            select(contracts)
            .where(contracts.c.vendor == vendor, contracts.c.first <= last, contracts.c.last >= begin)
            .order_by(contracts.c.id)
        )
        with self._database.reading() as connection:
            agreed = [Contract(**row) for row in connection.execute(terms).mappings()]
            ready, rotations = _ready(connection, vendor, begin, last)
            promised = self._promises(connection, vendor, begin, last, rotations)
            found = _standings(connection, self._of(vendor, begin, last))
        return Facts(agreed, promised, ready, _counts(found, rotations, first), _heard(found, rotations))

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
            lengths = _recordings(connection, partial)
        return [Judged(entry, _judge(entry, lengths)) for entry in entries]

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

    def _of(self, vendor: str, first: dt.date, last: dt.date) -> ColumnElement[bool]:
        days = asrun.c.date.between(first, last)
        return and_(asrun.c.zone == self.zone, asrun.c.ref.in_(refs_of(vendor)), days)

    def _promises(
        self, connection: Connection, vendor: str, first: dt.date, last: dt.date, rotations: Mapping[str, str]
    ) -> dict[dt.date, Counter[str]]:
        ours = or_(day_promises.c.ref == "", day_promises.c.ref.in_(refs_of(vendor)))
        days = and_(day_promises.c.zone == self.zone, day_promises.c.date.between(first, last))
        query = select(day_promises.c.date, day_promises.c.ref, day_promises.c.contracted).where(days, ours)
        found: dict[dt.date, Counter[str]] = {}
        for date, ref, contracted in connection.execute(query):
            day = found.setdefault(date, Counter())
            # A row without a name says that the date is kept, even if it had nothing.
            if ref in rotations:
                day[rotations[ref]] += contracted
        return found


_SOME = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
"""Where it matters that there is an instant, and not which."""

_Found = Mapping[tuple[dt.date, str, str | None, Standing], int]
"""Entries by date, name, outcome and standing."""


def _standings(connection: Connection, which: ColumnElement[bool]) -> _Found:
    """What the entries are worth: counted where the row says it all, looked at one by one where they aired in part."""
    found: Counter[tuple[dt.date, str, str | None, Standing]] = Counter()
    heard = asrun.c.heard_at.is_not(None)
    sums = (
        select(asrun.c.date, asrun.c.ref, asrun.c.outcome, asrun.c.heard_by, heard, func.count())
        .where(which)
        .group_by(asrun.c.date, asrun.c.ref, asrun.c.outcome, asrun.c.heard_by, heard)
    )
    partial = False
    for date, ref, outcome, heard_by, was_heard, count in connection.execute(sums):
        if outcome == Outcome.PARTIAL:
            partial = True
            continue
        stands = standing(counting.Facts(outcome, heard_by, _SOME if was_heard else None))
        found[date, ref, outcome, stands] += count
    if partial:
        columns = (asrun.c[name] for name in ("date", "ref", "planned_at", *counting.Facts.__slots__))
        rows = list(connection.execute(select(*columns).where(which, asrun.c.outcome == Outcome.PARTIAL)))
        lengths = _recordings(connection, {row.ref for row in rows})
        for row in rows:
            found[row.date, row.ref, row.outcome, _judge(row, lengths)] += 1
    return found


def _judge(entry: Entry | Row[Any], lengths: Mapping[str, Sequence[Recording]]) -> Standing:
    facts = counting.Facts(
        entry.outcome, entry.heard_by, entry.heard_at, entry.commanded_at, entry.ended_at, entry.reason
    )
    return standing(facts, length_of(lengths.get(entry.ref, ()), entry.planned_at))


def _recordings(connection: Connection, refs: Iterable[str]) -> dict[str, list[Recording]]:
    """Lengths of the recordings of some notices, by name."""
    numbers = sorted({int(ref[7:]) for ref in refs if ref.startswith("notice-") and ref[7:].isdecimal()})
    found: dict[str, list[Recording]] = {}
    for start in range(0, len(numbers), 500):
        query = _lengths().where(renderings.c.notice.in_(numbers[start : start + 500]))
        for notice, since, until, length_s in connection.execute(query):
            found.setdefault(f"notice-{notice}", []).append(Recording(since, until, length_s))
    return found


def _lengths() -> Select[Any]:
    return select(renderings.c.notice, renderings.c.since, renderings.c.until, renderings.c.duration_s)


def _ready(
    connection: Connection, vendor: str, first: dt.date, last: dt.date
) -> tuple[list[Ready], dict[str, str]]:  # fmt: skip
    """Stretches for which notices of a vendor could take turns, and the rotation of each notice that ever did."""
    query = (
        select(revisions.c.notice, revisions.c.content, revisions.c.effective_at, revisions.c.ended_at,
               revisions.c.first, revisions.c.last)
        .join(notices, notices.c.id == revisions.c.notice)
        .where(notices.c.vendor == vendor, revisions.c.first <= last, revisions.c.last >= first)
        .order_by(revisions.c.notice, revisions.c.revision)
    )  # fmt: skip
    ready, rotations = [], {}
    for row in connection.execute(query):
        rotation = (row.content.get("when") or {}).get("rotation")
        if not rotation:
            continue
        rotations[f"notice-{row.notice}"] = rotation
        if row.effective_at:
            ready.append(Ready(rotation, row.effective_at, row.ended_at, row.first, row.last))
    return ready, rotations


def _counts(found: _Found, rotations: Mapping[str, str], first: dt.date) -> dict[dt.date, Counts]:
    days: dict[dt.date, Counter[str]] = {}
    for (date, ref, outcome, stands), count in found.items():
        if date < first:
            continue
        day = days.setdefault(date, Counter())
        if outcome is not None:
            day[outcome] += count
        if stands not in (Standing.SILENT, Standing.OPEN):
            day[stands] += count
        if stands.settles and ref in rotations:
            day["on_contract"] += count
    return {date: Counts(**{str(name): count for name, count in day.items()}) for date, day in days.items()}


def _heard(found: _Found, rotations: Mapping[str, str]) -> dict[dt.date, dict[str, Heard]]:
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
