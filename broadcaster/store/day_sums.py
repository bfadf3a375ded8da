"""What a date came to, kept once it is over: a report of two years reads seven hundred rows and not a million."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from sqlalchemy import Connection, delete, func, insert, or_, select

from broadcaster.store.database import Database
from broadcaster.store.notice_names import vendors_of
from broadcaster.store.tables import alerts, asrun, asrun_days

FAULTS = ("silence", "output-gone", "engine-lost", "volume-muted", "stopped-by-hand")
"""Codes of alerts during which the house was silent though something should have sounded."""

UNRECORDED = "日志里没有记录 / nothing in the log"
"""Reason of the planned spots that are over and of which the log says nothing; their outcome is ``unrecorded``."""

_SOUNDED = ("aired", "partial")


@dataclass(frozen=True, slots=True)
class KindSum:
    """Entries of one kind that ended alike. ``outcome`` is None for those whose end was never written.

    Those that the log lacks are ``unrecorded``.
    """

    kind: str
    outcome: str | None
    count: int
    seconds: float
    """For which they sounded, from the first sound to the end."""


@dataclass(frozen=True, slots=True)
class Missed:
    """Spots of a kind that did not air, or not whole, for one reason."""

    kind: str
    outcome: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class LoudnessSum:
    """Loudness of the entries of a kind, as measured at the output, in LUFS."""

    mean: float
    """Of the energies, each entry weighing the same: 10 log10 of the mean of 10^(L/10)."""
    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class VendorSum:
    """Of a vendor's notices."""

    count: int
    heard: int
    """Aired wholly, and heard."""
    seconds: float = 0.0
    """For which they sounded."""


@dataclass(frozen=True, slots=True)
class DaySum:
    """One date of one zone."""

    date: date
    kinds: tuple[KindSum, ...] = ()
    missed: tuple[Missed, ...] = ()
    """Most frequent first; last what the log lacks."""
    loudness: Mapping[str, LoudnessSum] = field(default_factory=dict)
    """By kind."""
    heard_by: Mapping[str, int] = field(default_factory=dict)
    """Of what sounded: ``ear``, ``player``, or empty for what nobody heard."""
    silence_s: Mapping[str, float] = field(default_factory=dict)
    """Seconds of the calendar day for which an alert of each of :data:`FAULTS` held. They may overlap."""
    fault_s: float = 0.0
    """Seconds for which any of them held."""
    vendors: Mapping[str, VendorSum] = field(default_factory=dict)
    programme_s: float | None = None
    """Seconds of programme in the date's rundown; None where nobody noted it when the day was over."""
    planned_silence_s: float | None = None
    """Of these, deliberate silence."""


class DaySums:
    """Of one zone; may be shared by threads. ``StoreError`` as of :class:`Database`."""

    def __init__(self, database: Database, zone: str) -> None:
        self._database = database
        self._zone = zone

    def read(self, first: date, last: date) -> list[DaySum]:
        """Those kept of the dates from ``first`` to ``last``, in order; a date without any is missing."""
        query = select(asrun_days.c.date, asrun_days.c.sums).where(
            asrun_days.c.zone == self._zone, asrun_days.c.date.between(first, last)
        )
        with self._database.reading() as connection:
            return [_of_document(row.date, row.sums) for row in connection.execute(query.order_by(asrun_days.c.date))]

    def mark(self, first: date, last: date) -> tuple[int, str]:
        """Another one when what is kept of these dates is not the same any more; quick."""
        query = select(func.count(), func.max(asrun_days.c.made_at)).where(
            asrun_days.c.zone == self._zone, asrun_days.c.date.between(first, last)
        )
        with self._database.reading() as connection:
            count, made = connection.execute(query).one()
        return int(count), str(made)

    def compute(self, on: date, tz: tzinfo, unrecorded: Iterable[str] = ()) -> DaySum:
        """What a date comes to now; for the one that still runs. ``tz`` is the station's.

        ``unrecorded``: the kinds of planned spots that are over and that the log says nothing of, each of them.
        """
        with self._database.reading() as connection:
            return _with_unrecorded(self._sum(connection, on, tz), Counter(unrecorded))

    def write(
        self, on: date, tz: tzinfo, now: datetime, *, programme_s: float | None = None,
        planned_silence_s: float | None = None, unrecorded: Iterable[str] = (),
    ) -> DaySum:  # fmt: skip
        """Keep what a date came to, in place of what was kept of it. The log is read before anything is locked."""
        found = self.compute(on, tz, unrecorded)
        made = DaySum(**{**_fields(found), "programme_s": programme_s, "planned_silence_s": planned_silence_s})
        document = asdict(made)
        del document["date"]
        with self._database.writing() as connection:
            connection.execute(delete(asrun_days).where(asrun_days.c.zone == self._zone, asrun_days.c.date == on))
            connection.execute(insert(asrun_days).values(zone=self._zone, date=on, sums=document, made_at=now))
        return made

    def missing(self, first: date, last: date) -> list[date]:
        """Dates from ``first``, or the log's first, to ``last`` of which nothing is kept; the latest first."""
        known = select(asrun_days.c.date).where(asrun_days.c.zone == self._zone, asrun_days.c.date.between(first, last))
        oldest = select(func.min(asrun.c.date)).where(asrun.c.zone == self._zone)
        with self._database.reading() as connection:
            begin = connection.execute(oldest).scalar_one()
            if begin is None:
                return []
            kept = set(connection.execute(known).scalars())
        days = (last - timedelta(days=number) for number in range((last - max(first, begin)).days + 1))
        return [on for on in days if on not in kept]

    def is_open(self, on: date) -> bool:
        """Whether an entry of a date has no end yet."""
        query = select(asrun.c.id).where(asrun.c.zone == self._zone, asrun.c.date == on, asrun.c.outcome.is_(None))
        with self._database.reading() as connection:
            return connection.execute(query.limit(1)).first() is not None

    def _sum(self, connection: Connection, on: date, tz: tzinfo) -> DaySum:
        rows = connection.execute(
            select(
                asrun.c.kind, asrun.c.track, asrun.c.ref, asrun.c.commanded_at, asrun.c.heard_at, asrun.c.ended_at,
                asrun.c.outcome, asrun.c.reason, asrun.c.loudness_lufs, asrun.c.heard_by,
            ).where(asrun.c.zone == self._zone, asrun.c.date == on)
        ).all()  # fmt: skip
        silences = self._silences(connection, on, tz)
        return DaySum(
            on,
            kinds=_kinds(rows),
            missed=_missed(rows),
            loudness=_loudness(rows),
            heard_by=dict(
                Counter((row.heard_by or "player") if row.heard_at else "" for row in rows if row.outcome in _SOUNDED)
            ),
            silence_s={code: sum(end - start for start, end in spans) for code, spans in sorted(silences.items())},
            fault_s=_covered([span for spans in silences.values() for span in spans]),
            vendors=_vendors(rows, vendors_of(connection, {row.ref for row in rows})),
        )

    def _silences(self, connection: Connection, on: date, tz: tzinfo) -> dict[str, list[tuple[float, float]]]:
        """Spans by code, in seconds of the epoch, within the calendar day."""
        begin, end = (datetime.combine(one, time.min, tz).astimezone(UTC) for one in (on, on + timedelta(days=1)))
        query = select(alerts.c.code, alerts.c.since, alerts.c.cleared_at).where(
            alerts.c.zone == self._zone, alerts.c.code.in_(FAULTS), alerts.c.since < end,
            or_(alerts.c.cleared_at.is_(None), alerts.c.cleared_at > begin),
        )  # fmt: skip
        found: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
        for code, since, cleared in connection.execute(query):
            span = max(since, begin).timestamp(), min(cleared or end, end).timestamp()
            found[code].append(span)
        return {code: _merged(spans) for code, spans in found.items()}


def _fields(one: DaySum) -> dict[str, Any]:
    return {name: getattr(one, name) for name in DaySum.__slots__}


def _seconds(row: Any) -> float:
    began = row.heard_at or row.commanded_at
    return max(0.0, (row.ended_at - began).total_seconds()) if began and row.ended_at else 0.0


def _kinds(rows: Iterable[Any]) -> tuple[KindSum, ...]:
    counts: Counter[tuple[str, str | None]] = Counter()
    seconds: defaultdict[tuple[str, str | None], float] = defaultdict(float)
    for row in rows:
        key = row.kind, row.outcome
        counts[key] += 1
        seconds[key] += _seconds(row)
    return tuple(
        KindSum(kind, outcome, count, round(seconds[kind, outcome], 3))
        for (kind, outcome), count in sorted(counts.items(), key=lambda one: (one[0][0], one[0][1] or ""))
    )


def _missed(rows: Iterable[Any]) -> tuple[Missed, ...]:
    counts = Counter(
        (row.kind, row.outcome, row.reason)
        for row in rows
        if row.track is None and row.outcome in ("partial", "skipped", "failed")
    )
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return tuple(Missed(*key, count) for key, count in ordered)


def _with_unrecorded(found: DaySum, kinds: Mapping[str, int]) -> DaySum:
    more = sorted(kinds.items())
    return replace(
        found,
        kinds=(*found.kinds, *(KindSum(kind, "unrecorded", count, 0.0) for kind, count in more)),
        missed=(*found.missed, *(Missed(kind, "unrecorded", UNRECORDED, count) for kind, count in more)),
    )


def _loudness(rows: Iterable[Any]) -> dict[str, LoudnessSum]:
    found: defaultdict[str, list[float]] = defaultdict(list)
    for row in rows:
        if row.loudness_lufs is not None and math.isfinite(row.loudness_lufs):
            found[row.kind].append(row.loudness_lufs)
    return {
        kind: LoudnessSum(round(energy_mean((one, 1) for one in all_of_it), 2), min(all_of_it), max(all_of_it),
                          len(all_of_it))
        for kind, all_of_it in sorted(found.items())
    }  # fmt: skip


def energy_mean(weighed: Iterable[tuple[float, float]]) -> float:
    """The mean of loudnesses in LUFS by their energies; each comes with its weight."""
    pairs = list(weighed)
    return 10 * math.log10(sum(weight * 10 ** (one / 10) for one, weight in pairs) / sum(weight for _, weight in pairs))


def _vendors(rows: Iterable[Any], vendors: Mapping[str, str]) -> dict[str, VendorSum]:
    count: Counter[str] = Counter()
    heard: Counter[str] = Counter()
    seconds: defaultdict[str, float] = defaultdict(float)
    for row in rows:
        if (vendor := vendors.get(row.ref)) is not None:
            count[vendor] += 1
            seconds[vendor] += _seconds(row)
            heard[vendor] += row.outcome == "aired" and row.heard_at is not None
    return {vendor: VendorSum(n, heard[vendor], round(seconds[vendor], 3)) for vendor, n in sorted(count.items())}


def _merged(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    joined: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        elif end > start:
            joined.append((start, end))
    return joined


def _covered(spans: Iterable[tuple[float, float]]) -> float:
    return sum(end - start for start, end in _merged(spans))


def _of_document(on: date, sums: Mapping[str, Any]) -> DaySum:
    return DaySum(
        on,
        kinds=tuple(KindSum(**one) for one in sums["kinds"]),
        missed=tuple(Missed(**one) for one in sums["missed"]),
        loudness={kind: LoudnessSum(**one) for kind, one in sums["loudness"].items()},
        heard_by=sums["heard_by"],
        silence_s=sums["silence_s"],
        fault_s=sums["fault_s"],
        vendors={vendor: VendorSum(**one) for vendor, one in sums["vendors"].items()},
        programme_s=sums["programme_s"],
        planned_silence_s=sums["planned_silence_s"],
    )
