"""When a rotation's contracts are due: each member's airings spread over the rotation's room of the day.

Room is measured in seconds of window for a loop and in requests otherwise, and a position is how much of it has gone
by. The airings of all members are put into one sequence in which each has its own at equal distances, as in Webster's
method of apportionment; the sequence is then stretched over the room. So any beginning of it holds every member's
share to within one: where the room is too small, all lose alike.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from broadcaster.rundown.items import Item

GOLDEN = 0.6180339887498949
"""Multiples of it, less their whole part, spread evenly however many are taken (a Weyl sequence)."""

_LOOK_PAST = 8
"""So many of the sequence's next are tried for one of another vendor."""


class Due(NamedTuple):
    """One airing under contract; it waits from ``position`` on."""

    position: float
    ref: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """All that is contracted of a rotation from some instant on."""

    terms: tuple[tuple[str, int, float], ...] = ()
    """What it was made from: as long as this is the same, the schedule stays."""
    dues: tuple[Due, ...] = ()
    before: frozenset[str] = frozenset()
    """Turns that had been taken when it was made."""


class Room:
    """The room of a rotation on a date."""

    def __init__(self, spans: Sequence[tuple[float, float]] = (), moments: Sequence[float] = ()) -> None:
        """Of a loop by its windows, in order and apart; of anything else by the moments it asks for, in order."""
        self._moments = moments
        self._starts = [start for start, _ in spans]
        self._ends = [end for _, end in spans]
        self._before = [0.0]
        for start, end in spans:
            self._before.append(self._before[-1] + end - start)
        self.total = float(len(moments)) if moments else self._before[-1]

    def position(self, real_s: float) -> float:
        """How much has gone by at an instant, in elapsed seconds from midnight."""
        if not self.total:
            return 0.0
        if self._moments:
            return float(bisect_left(self._moments, real_s))
        index = bisect_right(self._starts, real_s) - 1
        if index < 0:
            return 0.0
        return self._before[index] + min(real_s, self._ends[index]) - self._starts[index]

    def instant(self, position: float) -> float:
        """When a loop's windows have reached a position."""
        index = min(bisect_right(self._before, position), len(self._starts)) - 1
        return self._starts[index] + position - self._before[index]

    def share_after(self, real_s: float) -> float:
        """The part of it that lies after an instant."""
        return 1.0 - self.position(real_s) / self.total if self.total else 0.0


def entitled(item: Item, room: Room, entered: float) -> int:
    """Airings of this date's own that a contract comes to: fewer where the notice was not ready from the start."""
    if not item.per_day:
        return 0
    share = room.share_after(entered)
    return max(1, int(item.per_day * share + 0.5)) if share > 0 else 0


def make_schedule(
    terms: tuple[tuple[str, int, float], ...],
    members: Sequence[Item],
    left: Mapping[str, int],
    begin: float,
    total: float,
    before: frozenset[str],
) -> Schedule:
    """The airings that are left of each member, from position ``begin`` to ``total``.

    ``terms`` gives what each airing takes of the room as its third.
    """
    takes = {ref: cost for ref, _, cost in terms}
    speakers = {item.ref: item.speaker for item in members}
    counts = {item.ref: left.get(item.ref, 0) for item in members if left.get(item.ref, 0) > 0}
    by_count = sorted(counts, key=lambda ref: counts[ref])
    heap = [
        (((number * GOLDEN + 0.5) % 1.0) / counts[ref], number, ref, 0) for number, ref in enumerate(by_count)
    ]  # fmt: skip
    heapify(heap)
    order: list[str] = []
    while heap:
        wait, number, ref, done = _next(heap, speakers, counts, speakers[order[-1]] if order else "")
        order.append(ref)
        if done + 1 < counts[ref]:
            heappush(heap, (wait + 1 / counts[ref], number, ref, done + 1))
    whole = sum(takes[ref] for ref in order)
    dues, gone = [], 0.0
    for ref in order:
        dues.append(Due(begin + (total - begin) * gone / whole, ref))
        gone += takes[ref]
    return Schedule(terms, tuple(dues), before)


def _next(
    heap: list[tuple[float, int, str, int]], speakers: Mapping[str, str], counts: Mapping[str, int], last: str
) -> tuple[float, int, str, int]:
    """The next of the sequence: of another speaker than the last where one is due within half its own distance."""
    passed: list[tuple[float, int, str, int]] = []
    found = first = heap[0]
    while heap and len(passed) < _LOOK_PAST:
        entry = heappop(heap)
        if speakers[entry[2]] != last and (entry[0] - first[0]) * counts[entry[2]] <= 0.5:
            found = entry
            break
        passed.append(entry)
    else:
        passed.remove(first)
    for entry in passed:
        heappush(heap, entry)
    return found
