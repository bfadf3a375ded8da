"""Proof of play: what a vendor's notices were promised and what the log has of them, day by day.

Counted as the make-goods are (:mod:`broadcaster.rundown.makegoods`): what aired wholly or in part counts, what aired
beyond a day's contract makes good what earlier days were short of, and is no credit for later ones.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select

from broadcaster.asrun.entries import Entry, Outcome
from broadcaster.asrun.log import entry_of
from broadcaster.asrun.search import PAGE, Page, refs_of
from broadcaster.store.database import Database
from broadcaster.store.tables import asrun, contracts, day_promises, notices, revisions
from broadcaster.store.vendors import Contract

BACK_DAYS = 35
"""What a day before that was short of is no longer made good; so far back the sums begin."""

_SOUNDED = (Outcome.AIRED, Outcome.PARTIAL)


@dataclass(frozen=True, slots=True)
class Counts:
    """Of the log, for one date."""

    aired: int = 0
    partial: int = 0
    skipped: int = 0
    failed: int = 0
    on_contract: int = 0
    """Of those that sounded, those that take turns: others are beside the contract."""

    @property
    def sounded(self) -> int:
        """Wholly or in part."""
        return self.aired + self.partial


@dataclass(frozen=True, slots=True)
class VendorDay:
    """One date of a vendor."""

    date: dt.date
    contracted: int
    counts: Counts
    made_good: int
    """Of what sounded, so many made good what earlier days were short of."""
    owed: int
    """Short of at the end of the date, earlier days included."""
    over: bool
    """Whether the date is over: one that still runs owes nothing yet."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the sums are made of."""

    contracts: Sequence[Contract]
    promised: Mapping[dt.date, int]
    """By date, where anything was kept of it."""
    ready: Sequence[tuple[dt.datetime, dt.datetime | None, dt.date, dt.date]]
    """Stretches for which a notice that takes turns was ready: from, until, first and last date."""
    counts: Mapping[dt.date, Counts] = field(default_factory=dict)


class Proof:
    """Reads for one zone; may be shared by threads. ``StoreError`` as of :class:`Database`."""

    def __init__(self, database: Database, zone: str) -> None:
        self._database = database
        self.zone = zone

    def facts(self, vendor: str, first: dt.date, last: dt.date) -> Facts:
        """All that :func:`ledger` wants to know of a vendor, from some days before ``first``."""
        begin = first - dt.timedelta(days=BACK_DAYS)
        terms = (
            select(contracts)
            .where(contracts.c.vendor == vendor, contracts.c.first <= last, contracts.c.last >= begin)
            .order_by(contracts.c.id)
        )
        stretches = (
            select(revisions.c.notice, revisions.c.content, revisions.c.effective_at, revisions.c.ended_at,
                   revisions.c.first, revisions.c.last)
            .join(notices, notices.c.id == revisions.c.notice)
            .where(notices.c.vendor == vendor, revisions.c.first <= last, revisions.c.last >= begin)
        )  # fmt: skip
        with self._database.reading() as connection:
            agreed = [Contract(**row) for row in connection.execute(terms).mappings()]
            found = [row for row in connection.execute(stretches) if _takes_turns(row.content)]
            turning = {f"notice-{row.notice}" for row in found}
            kept = set(connection.execute(self._kept(begin, last, day_promises.c.ref == "")).scalars())
            promised = dict.fromkeys(kept, 0)
            ours = day_promises.c.ref.in_(refs_of(vendor))
            for row in connection.execute(self._kept(begin, last, ours, day_promises.c.contracted)):
                promised[row.date] = promised.get(row.date, 0) + row.contracted
            counted = self._count(connection.execute(self._sums(vendor, begin, last)), turning)
        ready = [(row.effective_at, row.ended_at, row.first, row.last) for row in found if row.effective_at]
        return Facts(agreed, promised, ready, counted)

    def page(self, vendor: str, first: dt.date, last: dt.date, offset: int = 0, limit: int = PAGE) -> Page:
        """Entries of a vendor's notices, the newest first, at most ``limit`` from ``offset`` on."""
        offset, limit = max(0, offset), min(max(1, limit), PAGE)
        with self._database.reading() as connection:
            places = list(connection.execute(self._places(vendor, first, last)))
            # Sorted here: SQLite would rather walk through all the years by the index that has the order.
            places.sort(key=lambda row: (row.date, row.planned_at, row.id), reverse=True)
            ids = [row.id for row in places[offset : offset + limit]]
            rows = connection.execute(select(asrun).where(asrun.c.id.in_(ids)))
            entries = {entry.id: entry for entry in map(entry_of, rows)}
        count = len(places)
        return Page(
            [entries[number] for number in ids if number in entries], count, offset,
            older=offset + limit if offset + limit < count else None,
            newer=max(0, offset - limit) if offset else None,
        )  # fmt: skip

    def all(self, vendor: str, first: dt.date, last: dt.date) -> list[Entry]:
        """All entries in order, for a file."""
        with self._database.reading() as connection:
            rows = connection.execute(select(asrun).where(self._of(vendor, first, last)))
            return sorted(map(entry_of, rows), key=lambda entry: (entry.planned_at, entry.id))

    def _places(self, vendor: str, first: dt.date, last: dt.date) -> Any:
        return select(asrun.c.id, asrun.c.date, asrun.c.planned_at).where(self._of(vendor, first, last))

    def _kept(self, first: dt.date, last: dt.date, which: ColumnElement[bool], *more: ColumnElement[Any]) -> Any:
        days = day_promises.c.date.between(first, last)
        return select(day_promises.c.date, *more).where(day_promises.c.zone == self.zone, days, which)

    def _of(self, vendor: str, first: dt.date, last: dt.date) -> ColumnElement[bool]:
        days = asrun.c.date.between(first, last)
        return and_(asrun.c.zone == self.zone, asrun.c.ref.in_(refs_of(vendor)), days)

    def _sums(self, vendor: str, first: dt.date, last: dt.date) -> Any:
        return (
            select(asrun.c.date, asrun.c.ref, asrun.c.outcome, func.count().label("count"))
            .where(self._of(vendor, first, last))
            .group_by(asrun.c.date, asrun.c.ref, asrun.c.outcome)
        )

    @staticmethod
    def _count(rows: Iterable[Any], turning: set[str]) -> dict[dt.date, Counts]:
        found: dict[dt.date, dict[str, int]] = {}
        for row in rows:
            day = found.setdefault(row.date, {})
            if row.outcome is not None:
                day[row.outcome] = day.get(row.outcome, 0) + row.count
            if row.outcome in _SOUNDED and row.ref in turning:
                day["on_contract"] = day.get("on_contract", 0) + row.count
        return {date: Counts(**day) for date, day in found.items()}


def _takes_turns(content: Mapping[str, Any]) -> bool:
    return bool((content.get("when") or {}).get("rotation"))


def ledger(facts: Facts, first: dt.date, last: dt.date, today: dt.date, tz: dt.tzinfo) -> list[VendorDay]:
    """The dates from ``first`` to ``last``, no later than ``today``, with what was promised, heard and made good."""
    short, found = 0, []
    for on in _dates(first - dt.timedelta(days=BACK_DAYS), min(last, today)):
        counts = facts.counts.get(on, Counts())
        contracted = _contracted(facts, on, tz)
        over = on < today
        # What an ended contract was short of stays owed; what runs beside any contract makes nothing good.
        made_good = min(short, max(0, counts.on_contract - contracted))
        if over:
            short = max(0, short + contracted - counts.on_contract)
        else:
            short -= made_good
        if on >= first:
            found.append(VendorDay(on, contracted, counts, made_good, short, over))
    return found


def _dates(first: dt.date, last: dt.date) -> Iterable[dt.date]:
    return (first + dt.timedelta(days=number) for number in range((last - first).days + 1))


def _contracted(facts: Facts, on: dt.date, tz: dt.tzinfo) -> int:
    """As the date's rundown had it; where nothing was kept of it, the full number if a notice was ready."""
    if on in facts.promised:
        return facts.promised[on]
    begins = dt.datetime.combine(on, dt.time.min, tz)
    ready = any(
        first <= on <= last and since <= begins and (until is None or until > begins)
        for since, until, first, last in facts.ready
    )
    return sum(
        one.per_day
        for one in facts.contracts
        if ready and one.first <= on <= one.last and one.made_at <= begins
        and (one.ended_at is None or one.ended_at > begins)
    )  # fmt: skip
