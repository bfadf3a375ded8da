"""Looks through the as-run log for reports: a date with filters, page by page, and its sums."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from broadcaster.asrun.entries import Entry, Outcome
from broadcaster.asrun.log import entry_of, of_date
from broadcaster.store.database import Database
from broadcaster.store.notice_names import refs_of
from broadcaster.store.tables import asrun

PAGE = 200
"""Rows at once, at most."""

_TROUBLE = (Outcome.PARTIAL, Outcome.SKIPPED, Outcome.FAILED)
_IN_ORDER = (asrun.c.planned_at, asrun.c.commanded_at.nulls_last(), asrun.c.id)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to show of a date; empty is everything."""

    kind: str = ""
    """``bed``, ``spot`` for all but the bed, or a spot's kind."""
    became: str = ""
    """An outcome, ``trouble`` for what did not air whole, or ``open`` for what has no end yet."""
    vendor: str = ""
    text: str = ""
    """In title, reference or reason."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries in order. ``older`` and ``newer`` are offsets to go on with, None at the ends."""

    entries: Sequence[Entry]
    count: int
    offset: int
    older: int | None
    newer: int | None


@dataclass(frozen=True, slots=True)
class Cause:
    """So many entries did not air, or not whole, for one reason."""

    outcome: Outcome
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums of a date's spots, and of its bed."""

    spots: int
    aired: int
    partial: int
    skipped: int
    failed: int
    open: int
    tracks: int
    causes: Sequence[Cause]
    """The most frequent first."""


class AsRunSearch:
    """Reads the log of ``zone``; may be shared by threads. ``StoreError`` as of :class:`Database`."""

    def __init__(self, database: Database, zone: str) -> None:
        self._database = database
        self.zone = zone

    def page(self, date: dt.date, wanted: Wanted, offset: int = 0, limit: int = PAGE) -> Page:
        """At most ``limit`` entries of a rundown's date in the order of planned instants, from ``offset`` on."""
        offset, limit = max(0, offset), min(max(1, limit), PAGE)
        query = self._of(date, wanted)
        with self._database.reading() as connection:
            count = connection.execute(query.with_only_columns(func.count(), maintain_column_froms=True)).scalar_one()
            rows = connection.execute(query.order_by(*_IN_ORDER).offset(offset).limit(limit))
            entries = [entry_of(row) for row in rows]
        end = offset + limit
        return Page(
            entries, int(count), offset,
            older=max(0, offset - limit) if offset else None,
            newer=end if end < count else None,
        )  # fmt: skip

    def all(self, date: dt.date, wanted: Wanted) -> list[Entry]:
        """All of them, for a file."""
        with self._database.reading() as connection:
            return [entry_of(row) for row in connection.execute(self._of(date, wanted).order_by(*_IN_ORDER))]

    def totals(self, date: dt.date) -> Totals:
        """Sums of a whole date, whatever is shown of it."""
        # An emergency and a live page are neither spots nor music.
        bed, music = asrun.c.track.is_not(None), asrun.c.kind == "bed"
        why = case((or_(bed, asrun.c.outcome == Outcome.AIRED), ""), else_=asrun.c.reason)
        query = (
            select(bed.label("bed"), music.label("music"), asrun.c.outcome, why.label("why"), func.count())
            .where(self._on(date))
            .group_by(bed, music, asrun.c.outcome, why)
        )
        sums = dict.fromkeys((*Outcome, None), 0)
        tracks, causes = 0, []
        with self._database.reading() as connection:
            for is_bed, is_music, outcome, reason, count in connection.execute(query):
                if is_bed:
                    tracks += count if is_music else 0
                    continue
                sums[None if outcome is None else Outcome(outcome)] += count
                if outcome in _TROUBLE:
                    causes.append(Cause(Outcome(outcome), reason, count))
        causes.sort(key=lambda cause: (-cause.count, cause.outcome, cause.reason))
        return Totals(
            spots=sum(sums.values()), aired=sums[Outcome.AIRED], partial=sums[Outcome.PARTIAL],
            skipped=sums[Outcome.SKIPPED], failed=sums[Outcome.FAILED], open=sums[None], tracks=tracks, causes=causes,
        )  # fmt: skip

    def spot_ids(self, date: dt.date) -> set[str]:
        """Spots of a date of which the log says anything."""
        query = select(asrun.c.spot_id).where(self._on(date), asrun.c.spot_id.is_not(None))
        with self._database.reading() as connection:
            return {str(spot_id) for spot_id in connection.execute(query).scalars()}

    def bounds(self) -> tuple[dt.date, dt.date] | None:
        """The first and the last date in the log; None while it is empty."""
        # Two questions: each is a step into the index, where one for both would read all of it.
        first, last = (select(end(asrun.c.date)).where(asrun.c.zone == self.zone) for end in (func.min, func.max))
        with self._database.reading() as connection:
            found = connection.execute(first).scalar_one()
            return None if found is None else (found, connection.execute(last).scalar_one())

    def _on(self, date: dt.date) -> ColumnElement[bool]:
        return and_(asrun.c.zone == self.zone, of_date(date))

    def _of(self, date: dt.date, wanted: Wanted) -> Select[Any]:
        query = select(asrun).where(self._on(date))
        if wanted.kind == "spot":
            query = query.where(asrun.c.track.is_(None))
        elif wanted.kind == "bed":
            query = query.where(asrun.c.kind == "bed")
        elif wanted.kind:
            query = query.where(asrun.c.kind == wanted.kind)
        if wanted.became == "open":
            query = query.where(asrun.c.outcome.is_(None))
        elif wanted.became == "trouble":
            query = query.where(asrun.c.outcome.in_(_TROUBLE))
        elif wanted.became:
            query = query.where(asrun.c.outcome == wanted.became)
        if wanted.vendor:
            query = query.where(asrun.c.ref.in_(refs_of(wanted.vendor)))
        if text := wanted.text.strip().lower():
            found = (func.lower(column).contains(text, autoescape=True) for column in _SEARCHED)
            query = query.where(or_(*found))
        return query


_SEARCHED = (asrun.c.title, asrun.c.ref, asrun.c.reason)
