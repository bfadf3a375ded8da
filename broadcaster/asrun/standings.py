"""What the log's entries are worth as proof, looked up and counted."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select

from broadcaster.asrun import counting
from broadcaster.asrun.counting import Recording, Standing, length_of, standing
from broadcaster.asrun.entries import Entry, Outcome
from broadcaster.store.notice_names import SOME, notice_ref, numbers_of
from broadcaster.store.tables import asrun, renderings

SOME_INSTANT = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
"""Where it matters that there is an instant, and not which."""

Kind = tuple[dt.date, str, str | None, Standing]
"""Date, name, outcome and standing of entries."""

Found = Mapping[Kind, int]


def standings(connection: Connection, which: ColumnElement[bool]) -> Found:
    """What the entries are worth: counted where the row says it all, looked at one by one where they aired in part."""
    found: Counter[Kind] = Counter()
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
        stands = standing(counting.Facts(outcome, heard_by, SOME_INSTANT if was_heard else None))
        found[date, ref, outcome, stands] += count
    if partial:
        columns = (asrun.c[name] for name in ("date", "ref", "planned_at", *counting.Facts.__slots__))
        rows = list(connection.execute(select(*columns).where(which, asrun.c.outcome == Outcome.PARTIAL)))
        lengths = recordings(connection, {row.ref for row in rows})
        for row in rows:
            found[row.date, row.ref, row.outcome, judge(row, lengths)] += 1
    return found


def judge(entry: Entry | Row[Any], lengths: Mapping[str, Sequence[Recording]]) -> Standing:
    """What one entry is worth, given the :func:`recordings` of its notice."""
    facts = counting.Facts(
        entry.outcome, entry.heard_by, entry.heard_at, entry.commanded_at, entry.ended_at, entry.reason
    )
    return standing(facts, length_of(lengths.get(entry.ref, ()), entry.planned_at))


def recordings(connection: Connection, refs: Iterable[str]) -> dict[str, list[Recording]]:
    """Lengths of the recordings of some notices, by name."""
    numbers = numbers_of(refs)
    found: dict[str, list[Recording]] = {}
    for start in range(0, len(numbers), SOME):
        query = _lengths().where(renderings.c.notice.in_(numbers[start : start + SOME]))
        for notice, since, until, length_s in connection.execute(query):
            found.setdefault(notice_ref(notice), []).append(Recording(since, until, length_s))
    return found


def _lengths() -> Select[Any]:
    return select(renderings.c.notice, renderings.c.since, renderings.c.until, renderings.c.duration_s)
