"""Places of a day that are taken: what keeps two spots from ever sounding together."""

from __future__ import annotations

from bisect import bisect_right
from math import ceil, inf


class Places:
    """Taken stretches of a day, in elapsed seconds from midnight, never overlapping.

    What is wanted is wanted at whole seconds. Neighbours with no whole second between them at which anything could
    begin are kept as one stretch: a queue of spots, however long, is passed in one step.
    """

    def __init__(self, separation_s: float) -> None:
        self._separation_s = separation_s
        self._starts: list[float] = []
        self._ends: list[float] = []

    def earliest(self, wanted: float, length: float, latest: float = inf) -> float | None:
        """The first start from ``wanted`` to ``latest`` at which ``length`` seconds are free, separation included.

        None if there is no such start. What has to give way starts at a whole second, so that people can read and say
        the time.
        """
        starts, ends, separation_s = self._starts, self._ends, self._separation_s
        start = wanted
        index = bisect_right(starts, wanted)
        if index and ends[index - 1] + separation_s > start:
            start = ceil(ends[index - 1] + separation_s)
        needed, count = length + separation_s, len(starts)
        while start <= latest:
            if index == count or starts[index] >= start + needed:
                return start
            start = ceil(ends[index] + separation_s)
            index += 1
        return None

    def take(self, start: float, length: float) -> None:
        """Mark a stretch as taken."""
        starts, ends, end = self._starts, self._ends, start + length
        index = bisect_right(starts, start)
        separation_s = self._separation_s
        before = index > 0 and ceil(ends[index - 1] + separation_s) + separation_s >= start
        after = index < len(starts) and ceil(end + separation_s) + separation_s >= starts[index]
        if before and after:
            ends[index - 1] = ends.pop(index)
            del starts[index]
        elif before:
            ends[index - 1] = end
        elif after:
            starts[index] = start
        else:
            starts.insert(index, start)
            ends.insert(index, end)
