"""One date line by line: what is planned, what became of it, and what the log has beside the plan.

Pure: rundown and as-run documents in, frozen values out. Of a past date the rundown is the present plan's: what was on
air under an older plan stands in the log alone, and is shown as such.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from broadcaster.web.timeline import TROUBLE, Item, state_of

SHOWN = ("all", "spots", "trouble", "music")


@dataclass(frozen=True, slots=True)
class Line:
    """A planned spot, a track that aired, or something that only the log knows."""

    at: datetime
    item: Item
    kind: str
    length_s: float | None
    state: str
    """An outcome of the log; ``planned`` (to come), ``airing``, or ``unrecorded``: over, and the log says nothing."""
    entry: Item | None
    planned: bool = True
    """Whether the rundown has it."""

    @property
    def music(self) -> bool:
        return self.kind == "bed"

    @property
    def began(self) -> datetime | None:
        """When it was heard, or at least commanded."""
        sounded = self.entry and (self.entry.get("heard_at") or self.entry.get("commanded_at"))
        return datetime.fromisoformat(sounded) if sounded else None


@dataclass(frozen=True, slots=True)
class Part:
    """A segment of the rundown with its lines; without a segment, what lies outside of all of them."""

    segment: Item | None
    start: datetime | None
    end: datetime | None
    lines: tuple[Line, ...]
    current: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """All of a date that is asked for."""

    parts: tuple[Part, ...]
    counts: Mapping[str, int]
    """Of the whole date's spots, by state."""
    beside: int
    """Spots in the log that the present plan does not have."""
    shown: int
    next: Line | None
    """The spot on air, or the next to come."""


@dataclass(frozen=True, slots=True)
class Window:
    """What to show: from and to, local instants of the date, and which lines."""

    start: datetime | None = None
    end: datetime | None = None
    show: str = "all"

    def wants(self, line: Line) -> bool:
        """Whether a line is to be shown."""
        if (self.start and line.at < self.start) or (self.end and line.at >= self.end):
            return False
        if self.show == "trouble":
            return line.state in TROUBLE
        return self.show == "all" or line.music == (self.show == "music")

    def meets(self, start: datetime, end: datetime) -> bool:
        """Whether a stretch has something of what is to be shown."""
        return not ((self.start and end <= self.start) or (self.end and start >= self.end))


def build_sheet(rundown: Item, entries: Sequence[Item], now: datetime, window: Window) -> Sheet:
    """Lay out a rundown and the as-run log of its date, as known at ``now``."""
    by_spot = {entry["spot_id"]: entry for entry in entries if entry.get("spot_id")}
    spots = [_planned(spot, by_spot.pop(spot["id"], None), now) for spot in rundown["spots"]]
    beside = [_logged(entry) for entry in by_spot.values()]
    tracks = [_logged(entry) for entry in entries if not entry.get("spot_id")]
    lines = sorted((line for line in (*spots, *beside, *tracks) if window.wants(line)), key=lambda line: line.at)
    coming = (line for line in sorted(spots, key=lambda line: line.at) if line.state in ("airing", "planned"))
    return Sheet(
        parts=tuple(_parts(rundown["segments"], lines, now, window)),
        counts=Counter(line.state for line in (*spots, *beside)),
        beside=len(beside),
        shown=len(lines),
        next=next(coming, None),
    )


def _planned(spot: Item, entry: Item | None, now: datetime) -> Line:
    at, length_s = datetime.fromisoformat(spot["at"]), float(spot["duration_s"])
    return Line(at, spot, str(spot["kind"]), length_s, state_of(spot, entry, now), entry)


def _logged(entry: Item) -> Line:
    began = entry.get("heard_at") or entry["commanded_at"]
    ended = entry["ended_at"]
    length_s = (
        (datetime.fromisoformat(ended) - datetime.fromisoformat(began)).total_seconds() if began and ended else None
    )
    kind = str(entry["kind"]) if entry.get("spot_id") else "bed"
    at = datetime.fromisoformat((began if kind == "bed" else None) or entry["planned_at"])
    return Line(at, entry, kind, length_s, entry["outcome"] or ("airing" if began else "unrecorded"), entry, False)


def _parts(segments: Sequence[Item], lines: Sequence[Line], now: datetime, window: Window) -> Iterable[Part]:
    """Segments and lines are both in order of time."""
    done, rest = 0, list[Line]()
    for segment in segments:
        start, end = datetime.fromisoformat(segment["start"]), datetime.fromisoformat(segment["end"])
        first = bisect_left(lines, start, lo=done, key=_at)
        last = bisect_left(lines, end, lo=first, key=_at)
        rest += lines[done:first]
        done = last
        if first < last or (window.show == "all" and window.meets(start, end)):
            yield Part(segment, start, end, tuple(lines[first:last]), start <= now < end)
    rest += lines[done:]
    if rest:
        yield Part(None, None, None, tuple(rest), current=False)


def _at(line: Line) -> datetime:
    return line.at
