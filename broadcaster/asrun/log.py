"""The as-run log of one zone.

Every method that writes is on disk when it returns. Conductor, web and other processes may use the log at once.
``StoreError`` and its kinds are raised as of :class:`broadcaster.store.database.Database`; a naive datetime is a
``ValueError``.

A spot's life: armed, started, ended; or skipped. What is once commanded or has an outcome is never written anew,
which is what keeps a spot from airing twice whatever happens to the process.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, insert, literal, or_, select, update

from broadcaster.asrun.entries import Entry, Outcome
from broadcaster.errors import StoreConflict
from broadcaster.store.database import Database
from broadcaster.store.tables import asrun
from broadcaster.store.types import Instant

_LONGEST = dt.timedelta(days=1)
"""No entry sounds further than this from its planned instant."""

_NEVER_COMMANDED = and_(asrun.c.commanded_at.is_(None), asrun.c.outcome.is_(None))
_IN_ORDER = (asrun.c.planned_at, asrun.c.commanded_at.nulls_last(), asrun.c.id)


def of_date(date: dt.date) -> ColumnElement[bool]:
    """Entries of a rundown's date.

    Bounded by instants as well, wide enough for every zone and for a spot after midnight: SQLite would rather walk
    through all the years by the index of instants, to have them in order, than look the date up and sort.
    """
    midnight = dt.datetime(date.year, date.month, date.day, tzinfo=dt.UTC)
    return and_(asrun.c.date == date, asrun.c.planned_at.between(midnight - _LONGEST, midnight + 3 * _LONGEST))


class Airing(NamedTuple):
    """That a spot was on air, for the fairness of rotation."""

    ref: str
    planned_at: dt.datetime
    date: dt.date


class LeftOut(NamedTuple):
    """A spot that does not air."""

    date: dt.date
    spot_id: str
    kind: str
    ref: str
    title: str
    planned_at: dt.datetime
    reason: str
    outcome: Literal[Outcome.SKIPPED, Outcome.FAILED] = Outcome.SKIPPED


class AsRunLog:
    """Writes and reads the entries of ``zone``; may be shared by threads."""

    def __init__(self, database: Database, zone: str) -> None:
        self._database = database
        self.zone = zone

    @property
    def database(self) -> Database:
        """Where it is kept, for others who read it."""
        return self._database

    # --- spots ---------------------------------------------------------------------------------------------------

    def arm_spot(
        self,
        *,
        date: dt.date,
        spot_id: str,
        kind: str,
        ref: str,
        title: str,
        planned_at: dt.datetime,
        armed_at: dt.datetime,
    ) -> bool:
        """Take on a spot, before it is commanded. Only after True may it be put on air.

        True for a new spot, and for one that was armed but never commanded (it is armed anew). False for one that
        was commanded or has an outcome: it must never air again.
        """
        return self._put_spot(
            spot_id, date=date, kind=kind, ref=ref, title=title, planned_at=planned_at, armed_at=armed_at
        )

    def spot_started(self, spot_id: str, commanded_at: dt.datetime) -> bool:
        """Note the first command to sound. False if the spot is not armed, was commanded before, or is over."""
        return self._change(asrun.c.spot_id == spot_id, _NEVER_COMMANDED, commanded_at=commanded_at)

    def spot_ended(self, spot_id: str, ended_at: dt.datetime, outcome: Outcome, reason: str = "") -> bool:
        """Note the end of an armed spot. False if there is none, or its end is known: the first word holds."""
        return self._end(asrun.c.spot_id == spot_id, ended_at, outcome, reason)

    def skip_spot(
        self,
        *,
        date: dt.date,
        spot_id: str,
        kind: str,
        ref: str,
        title: str,
        planned_at: dt.datetime,
        reason: str,
        outcome: Literal[Outcome.SKIPPED, Outcome.FAILED] = Outcome.SKIPPED,
    ) -> bool:
        """Note that a spot does not air, and why. False, and nothing is written, if it was commanded or is over."""
        return self._put_spot(
            spot_id, date=date, kind=kind, ref=ref, title=title, planned_at=planned_at, outcome=outcome, reason=reason
        )

    def skip_spots(self, spots: Sequence[LeftOut]) -> int:
        """:meth:`skip_spot` for many in one transaction; returns how many were written."""
        try:
            return self._skip_spots(spots)
        except StoreConflict:
            # Another process put one of them in between, or one is named twice: each by itself.
            return sum(self.skip_spot(**one._asdict()) for one in spots)

    def _skip_spots(self, spots: Sequence[LeftOut]) -> int:
        names = [one.spot_id for one in spots]
        here = and_(asrun.c.zone == self.zone, asrun.c.spot_id.in_(names))
        with self._database.writing() as connection:
            rows = connection.execute(select(asrun.c.spot_id, _NEVER_COMMANDED).where(here))
            known: dict[str | None, bool] = {name: bool(never_commanded) for name, never_commanded in rows}
            fresh = [{"zone": self.zone, **one._asdict()} for one in spots if one.spot_id not in known]
            if fresh:
                connection.execute(insert(asrun), fresh)
            armed = [one for one in spots if known.get(one.spot_id)]
            for one in armed:
                spot = and_(asrun.c.zone == self.zone, asrun.c.spot_id == one.spot_id, _NEVER_COMMANDED)
                connection.execute(update(asrun).where(spot).values(one._asdict()))
        return len(fresh) + len(armed)

    # --- tracks of the bed ---------------------------------------------------------------------------------------

    def track_started(
        self,
        *,
        date: dt.date,
        track: str,
        ref: str,
        title: str,
        planned_at: dt.datetime,
        commanded_at: dt.datetime,
        kind: str = "bed",
    ) -> int:
        """Note that a track begins; returns the id for :meth:`track_ended` and :meth:`heard`."""
        statement = insert(asrun).values(
            zone=self.zone,
            date=date,
            track=track,
            kind=kind,
            ref=ref,
            title=title,
            planned_at=planned_at,
            commanded_at=commanded_at,
        )
        with self._database.writing() as connection:
            return int(connection.execute(statement.returning(asrun.c.id)).scalar_one())

    def track_ended(self, entry_id: int, ended_at: dt.datetime, outcome: Outcome, reason: str = "") -> bool:
        """Note the end of a track. False if there is no such entry, or its end is known: the first word holds."""
        return self._end(asrun.c.id == entry_id, ended_at, outcome, reason)

    # --- both ----------------------------------------------------------------------------------------------------

    def heard(
        self,
        entry: int | str,
        heard_at: dt.datetime | None = None,
        loudness_lufs: float | None = None,
        *,
        heard_by: Literal["ear", "player"] | None = None,
    ) -> bool:
        """Note what the ear heard of an entry (its id, or its spot_id), also after its end. False if there is none.

        The first ``heard_at`` and ``heard_by`` hold, the last ``loudness_lufs`` does; None leaves what is there, and
        so does a loudness that is not finite. ``heard_by`` without ``heard_at``: it was listened for and not heard.
        """
        values: dict[str, Any] = {"heard_at": func.coalesce(asrun.c.heard_at, _instant(heard_at))}
        if heard_by is not None:
            values["heard_by"] = func.coalesce(asrun.c.heard_by, literal(heard_by))
        if loudness_lufs is not None and math.isfinite(loudness_lufs):
            values["loudness_lufs"] = loudness_lufs
        return self._change(asrun.c.spot_id == entry if isinstance(entry, str) else asrun.c.id == entry, **values)

    def close_open(self, ended_at: dt.datetime, reason: str) -> int:
        """End tracks that a crash left open, as partial, no earlier than they began; returns how many.

        Spots are left to the conductor, which may still join them.
        """
        end = case((asrun.c.commanded_at > ended_at, asrun.c.commanded_at), else_=_instant(ended_at))
        left_open = and_(asrun.c.zone == self.zone, asrun.c.track.is_not(None), asrun.c.outcome.is_(None))
        values = {"ended_at": end, "outcome": Outcome.PARTIAL, "reason": reason}
        with self._database.writing() as connection:
            return connection.execute(update(asrun).where(left_open).values(values)).rowcount

    # --- reading -------------------------------------------------------------------------------------------------

    def spots_of(self, date: dt.date) -> dict[str, Entry]:
        """The spots of a rundown's date by their ids, whatever became of them."""
        found = self._read(self._entries().where(of_date(date), asrun.c.spot_id.is_not(None)))
        return {entry.spot_id: entry for entry in found if entry.spot_id is not None}

    def open_entries(self) -> list[Entry]:
        """Spots and tracks whose end is not written, of any date."""
        return self._read(self._entries().where(asrun.c.outcome.is_(None)))

    def entries(self, date: dt.date) -> list[Entry]:
        """All of a rundown's date, ordered by planned instant, then commanded, then id."""
        return self._read(self._entries().where(of_date(date)))

    def entries_between(self, start: dt.datetime, end: dt.datetime) -> list[Entry]:
        """All planned from ``start`` on and before ``end``, in the order of :meth:`entries`."""
        return self._read(self._entries().where(asrun.c.planned_at >= start, asrun.c.planned_at < end))

    def entry_at(self, instant: dt.datetime) -> list[Entry]:
        """What sounded, or was meant to by command, at an instant: a bed with a spot over it makes two."""
        started = func.coalesce(asrun.c.heard_at, asrun.c.commanded_at) <= instant
        not_over = or_(asrun.c.ended_at > instant, and_(asrun.c.ended_at.is_(None), asrun.c.outcome.is_(None)))
        near = asrun.c.planned_at.between(instant - _LONGEST, instant + _LONGEST)
        return self._read(self._entries().where(near, asrun.c.commanded_at.is_not(None), started, not_over))

    def airings_since(self, date: dt.date, last: dt.date | None = None) -> list[Airing]:
        """The spots of ``date`` and later, up to ``last`` included, that were on air, wholly or in part, in order."""
        on_air = asrun.c.outcome.in_([Outcome.AIRED, Outcome.PARTIAL])
        days = asrun.c.date >= date if last is None else asrun.c.date.between(date, last)
        query = (
            select(asrun.c.ref, asrun.c.planned_at, asrun.c.date)
            .where(asrun.c.zone == self.zone, days, asrun.c.spot_id.is_not(None), on_air)
            .order_by(*_IN_ORDER)
        )
        with self._database.reading() as connection:
            return [Airing(ref, planned_at, day) for ref, planned_at, day in connection.execute(query)]

    def latest(self) -> dt.datetime | None:
        """The last instant at which something is known to have begun or ended; None for an empty log."""
        query = (
            select(asrun.c.commanded_at, asrun.c.ended_at)
            .where(asrun.c.zone == self.zone, asrun.c.commanded_at.is_not(None))
            .order_by(asrun.c.planned_at.desc())
            .limit(20)
        )
        with self._database.reading() as connection:
            found = [instant for row in connection.execute(query) for instant in row if instant is not None]
        return max(found, default=None)

    # --- inside --------------------------------------------------------------------------------------------------

    def _put_spot(self, spot_id: str, **values: Any) -> bool:
        """Write a spot that is new or was never commanded; False for any other."""
        spot = and_(asrun.c.zone == self.zone, asrun.c.spot_id == spot_id)
        for _ in range(2):
            try:
                with self._database.writing() as connection:
                    if connection.execute(update(asrun).where(spot, _NEVER_COMMANDED).values(values)).rowcount:
                        return True
                    if connection.execute(select(asrun.c.id).where(spot)).first() is not None:
                        return False
                    connection.execute(insert(asrun).values(zone=self.zone, spot_id=spot_id, **values))
                    return True
            except StoreConflict:
                # On PostgreSQL another process may insert in between; the second turn finds its row.
                continue
        return False

    def _end(self, which: ColumnElement[bool], ended_at: dt.datetime, outcome: Outcome, reason: str) -> bool:
        return self._change(which, asrun.c.outcome.is_(None), ended_at=ended_at, outcome=outcome, reason=reason)

    def _change(self, *which: ColumnElement[bool], **values: Any) -> bool:
        with self._database.writing() as connection:
            statement = update(asrun).where(asrun.c.zone == self.zone, *which).values(values)
            return connection.execute(statement).rowcount > 0

    def _entries(self) -> Select[Any]:
        return select(asrun).where(asrun.c.zone == self.zone).order_by(*_IN_ORDER)

    def _read(self, query: Select[Any]) -> list[Entry]:
        with self._database.reading() as connection:
            return [entry_of(row) for row in connection.execute(query)]


def _instant(value: dt.datetime | None) -> ColumnElement[dt.datetime | None]:
    """A value inside a function or CASE, where it does not take on the column's type by itself."""
    return literal(value, Instant)


def entry_of(row: Row[Any]) -> Entry:
    """The entry of a row with all of the table's columns, which are an entry's fields in their order."""
    values: list[Any] = list(row)
    values[_OUTCOME] = _OUTCOMES[values[_OUTCOME]]
    return Entry(*values)


_OUTCOME = list(asrun.c.keys()).index("outcome")
_OUTCOMES: dict[str | None, Outcome | None] = {None: None, **{outcome.value: outcome for outcome in Outcome}}
