"""One day as the page draws it: bands and marks in per cent of the axis, and the table's rows.

Pure: rundown and as-run documents in, frozen values out. States of a spot are the log's outcomes, and besides
``planned`` (to come), ``airing``, and ``unrecorded`` (its time is over and the log says nothing).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Item = Mapping[str, Any]

#: A spot may start late within its rule; only after this is a missing log entry worth a word.
GRACE = timedelta(minutes=2)
HALF_HOUR_S = 1800
#: Marks closer than this (per cent of the axis) go to different lanes.
MARK_WIDTH = 1.5
LANES = 2
TROUBLE = ("partial", "skipped", "failed", "unrecorded")


@dataclass(frozen=True, slots=True)
class Band:
    """A segment of the rundown on the axis; ``x`` and ``width`` in per cent."""

    number: int
    segment: Item
    start: datetime
    end: datetime
    x: float
    width: float

    @property
    def kind(self) -> str:
        return str(self.segment["bed"]["kind"])


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: a planned spot, or a track of the bed that aired."""

    at: datetime
    item: Item
    kind: str
    length_s: float | None
    state: str
    entry: Item | None
    loop: bool = False
    aired_at: datetime | None = None
    """When it began, or was left out; None while it is only planned."""
    aired_s: float | None = None

    @property
    def music(self) -> bool:
        return self.kind == "bed"


@dataclass(frozen=True, slots=True)
class Mark:
    """A row on the axis: ``x`` and ``width`` in per cent, ``lane`` from the top."""

    row: Row
    x: float
    width: float
    lane: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one daypart; ``band`` is None for what lies outside of all of them."""

    band: Band | None
    rows: tuple[Row, ...]
    current: bool

    @property
    def key(self) -> str:
        return self.band.start.isoformat() if self.band else "outside"


@dataclass(frozen=True, slots=True)
class Axis:
    """The stretch of time that is drawn."""

    start: datetime
    end: datetime

    def x(self, at: datetime) -> float:
        """Where an instant lies, in per cent."""
        return 100 * (at - self.start) / (self.end - self.start)


@dataclass(frozen=True, slots=True)
class Day:
    """Everything the page shows of one date. What is planned and what aired lie in lanes of their own."""

    axis: Axis | None
    hours: tuple[tuple[float, str], ...]
    bands: tuple[Band, ...]
    planned: tuple[Mark, ...]
    """Spots at their times."""
    planned_loops: tuple[Mark, ...]
    aired: tuple[Mark, ...]
    """What became of the spots, where it became of them; of loops only what went wrong."""
    aired_loops: tuple[Mark, ...]
    music: tuple[Mark, ...]
    """Tracks that aired."""
    groups: tuple[Group, ...]
    counts: Mapping[str, int]


def build_day(rundown: Item, entries: Sequence[Item], now: datetime, zone: ZoneInfo) -> Day:
    """Lay out a rundown and the as-run log of its date, as known at ``now``."""
    by_spot = {entry["spot_id"]: entry for entry in entries if entry.get("spot_id")}
    spots = sorted((_spot_row(spot, by_spot, now) for spot in rundown["spots"]), key=lambda row: row.at)
    tracks = [_track_row(entry, now) for entry in entries if not entry.get("spot_id")]
    axis = _axis(rundown["segments"], spots)
    bands = tuple(_bands(rundown["segments"], axis)) if axis else ()
    begun = [row for row in spots if row.state != "planned"]
    return Day(
        axis=axis,
        hours=tuple(_hours(axis, zone)) if axis else (),
        bands=bands,
        planned=tuple(_marks([row for row in spots if not row.loop], axis)) if axis else (),
        planned_loops=tuple(_mark(row, axis) for row in spots if row.loop) if axis else (),
        aired=tuple(_marks([row for row in begun if not row.loop or row.state in TROUBLE], axis, aired=True))
        if axis
        else (),
        aired_loops=tuple(_mark(row, axis, aired=True) for row in begun if row.loop and row.state not in TROUBLE)
        if axis
        else (),
        music=tuple(_mark(row, axis, aired=True) for row in tracks if _within(row, axis)) if axis else (),
        groups=tuple(_groups(bands, [*spots, *tracks], now)),
        counts=Counter(row.state for row in spots),
    )


def state_of(spot: Item, entry: Item | None, now: datetime) -> str:
    """What became of a planned spot so far: its outcome in the log, ``airing``, ``planned``, or ``unrecorded``."""
    if entry is not None and entry["outcome"]:
        return str(entry["outcome"])
    if entry is not None and entry["commanded_at"]:
        return "airing"
    late_by = timedelta(seconds=(spot.get("lateness") or {}).get("late_by_s") or 0)
    over = datetime.fromisoformat(spot["at"]) + timedelta(seconds=float(spot["duration_s"])) + max(late_by, GRACE)
    return "unrecorded" if over < now else "planned"


def _spot_row(spot: Item, by_spot: Mapping[str, Item], now: datetime) -> Row:
    entry = by_spot.get(spot["id"])
    at = datetime.fromisoformat(spot["at"])
    length_s = float(spot["duration_s"])
    state = state_of(spot, entry, now)
    aired_at, aired_s = _aired(entry, at) if state != "planned" else (None, None)
    loop = spot.get("priority") == "rotation"
    return Row(at, spot, str(spot["kind"]), length_s, state, entry, loop, aired_at, aired_s)


def _aired(entry: Item | None, at: datetime) -> tuple[datetime, float | None]:
    if entry is None or not entry.get("commanded_at"):
        return at, None
    begun = datetime.fromisoformat(entry["commanded_at"])
    ended = datetime.fromisoformat(entry["ended_at"]) if entry.get("ended_at") else None
    return begun, (ended - begun).total_seconds() if ended else None


def _within(row: Row, axis: Axis) -> bool:
    return row.at < axis.end and row.at + timedelta(seconds=row.aired_s or 0) > axis.start


def _track_row(entry: Item, now: datetime) -> Row:
    start = datetime.fromisoformat(entry["commanded_at"] or entry["planned_at"])
    ended = entry["ended_at"]
    length_s = (datetime.fromisoformat(ended) - start).total_seconds() if ended else None
    drawn_s = max(0.0, (now - start).total_seconds()) if length_s is None and not entry["outcome"] else length_s
    state = entry["outcome"] or "airing"
    return Row(start, entry, "bed", length_s, state, entry, aired_at=start, aired_s=drawn_s)


def _axis(segments: Sequence[Item], spots: Sequence[Row]) -> Axis | None:
    starts = [datetime.fromisoformat(segment["start"]) for segment in segments] + [row.at for row in spots]
    ends = [datetime.fromisoformat(segment["end"]) for segment in segments] + [row.at for row in spots]
    if not starts:
        return None
    first, last = min(starts).timestamp(), max(ends).timestamp()
    first, last = first // HALF_HOUR_S * HALF_HOUR_S, -(-last // HALF_HOUR_S) * HALF_HOUR_S
    return Axis(_utc(first), _utc(max(last, first + HALF_HOUR_S)))


def _utc(timestamp: float) -> datetime:
    return datetime.fromtimestamp(timestamp, UTC)


def _hours(axis: Axis, zone: ZoneInfo) -> Iterable[tuple[float, str]]:
    """Full hours of the wall clock, every second one if there are many."""
    at = axis.start
    step = 2 if axis.end - axis.start > timedelta(hours=14) else 1
    while at < axis.end:
        local = at.astimezone(zone)
        if local.minute == 0 and local.hour % step == 0:
            yield axis.x(at), f"{local:%H:%M}"
        at += timedelta(seconds=HALF_HOUR_S)


def _bands(segments: Sequence[Item], axis: Axis) -> Iterable[Band]:
    for number, segment in enumerate(segments, 1):
        start, end = datetime.fromisoformat(segment["start"]), datetime.fromisoformat(segment["end"])
        yield Band(number, segment, start, end, axis.x(start), axis.x(end) - axis.x(start))


def _mark(row: Row, axis: Axis, lane: int = 0, *, aired: bool = False) -> Mark:
    at = (row.aired_at if aired else None) or row.at
    length_s = (row.aired_s if aired else None) or row.length_s or 0
    x = axis.x(at)
    return Mark(row, x, axis.x(at + timedelta(seconds=length_s)) - x, lane)


def _marks(rows: Sequence[Row], axis: Axis, *, aired: bool = False) -> Iterable[Mark]:
    """Each row in the first lane with room; when all are full, in the one that has waited longest."""
    taken = [-MARK_WIDTH] * LANES
    for row in rows:
        mark = _mark(row, axis, aired=aired)
        free = (lane for lane in range(LANES) if taken[lane] + MARK_WIDTH <= mark.x)
        lane = next(free, taken.index(min(taken)))
        taken[lane] = mark.x
        yield replace(mark, lane=lane)


def _groups(bands: Sequence[Band], rows: Sequence[Row], now: datetime) -> Iterable[Group]:
    rest = sorted(rows, key=lambda row: row.at)
    for band in bands:
        inside = tuple(row for row in rest if band.start <= row.at < band.end)
        yield Group(band, inside, band.start <= now < band.end)
    outside = tuple(row for row in rest if not any(band.start <= row.at < band.end for band in bands))
    if outside:
        yield Group(None, outside, current=False)
