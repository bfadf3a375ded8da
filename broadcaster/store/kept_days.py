"""What is kept of each date for later inspection: the texts that were to be heard, and what was promised of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import delete, insert, select

from broadcaster.store.database import Database
from broadcaster.store.tables import day_promises, day_texts


@dataclass(frozen=True, slots=True)
class DayText:
    """One text of a date. ``key`` is the content hash of its sound: another text under the same name is another row."""

    ref: str
    key: str
    title: str
    text: str
    """As it was written."""
    spoken: str
    """As it was read out: numbers in words."""
    author: str = ""
    approved_by: str = ""


class KeptDays:
    """Of one zone; may be shared by threads. ``StoreError`` as of :class:`Database`."""

    def __init__(self, database: Database, zone: str) -> None:
        self._database = database
        self._zone = zone

    def keep_texts(self, day: date, texts: Iterable[DayText], now: datetime) -> int:
        """Keep those that are not kept yet; what is kept is never changed. Returns how many were new."""
        with self._database.writing() as connection:
            query = select(day_texts.c.ref, day_texts.c.key).where(
                day_texts.c.date == day, day_texts.c.zone == self._zone
            )
            known = {(row.ref, row.key) for row in connection.execute(query)}
            new = {(one.ref, one.key): one for one in texts if (one.ref, one.key) not in known}
            rows = [{"date": day, "zone": self._zone, "kept_at": now, **asdict(one)} for one in new.values()]
            if rows:
                connection.execute(insert(day_texts), rows)
            return len(rows)

    def texts(self, day: date) -> list[DayText]:
        """What was to be heard on a date, in the order in which it was kept."""
        query = select(day_texts).where(day_texts.c.date == day, day_texts.c.zone == self._zone)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(day_texts.c.id)).mappings()
            return [DayText(**{name: row[name] for name in DayText.__slots__}) for row in rows]

    def keep_promises(self, day: date, contracted: Mapping[str, int]) -> None:
        """Keep what a date's rundown had contracts for, by name in the rundown; again, when the date changed."""
        rows = [{"date": day, "zone": self._zone, "ref": ref, "contracted": n} for ref, n in contracted.items() if ref]
        with self._database.writing() as connection:
            connection.execute(
                delete(day_promises).where(day_promises.c.date == day, day_promises.c.zone == self._zone)
            )
            connection.execute(
                insert(day_promises), [*rows, {"date": day, "zone": self._zone, "ref": "", "contracted": 0}]
            )

    def promises(self, first: date, last: date) -> dict[date, dict[str, int]]:
        """What was kept of the dates from ``first`` to ``last``; a date of which nothing was kept is missing."""
        query = select(day_promises).where(
            day_promises.c.zone == self._zone, day_promises.c.date >= first, day_promises.c.date <= last
        )
        found: dict[date, dict[str, int]] = {}
        with self._database.reading() as connection:
            for row in connection.execute(query):
                kept = found.setdefault(row.date, {})
                if row.ref:
                    kept[row.ref] = row.contracted
        return found
