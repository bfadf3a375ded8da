"""Places of a day that are taken: what keeps two spots from ever sounding together."""

from __future__ import annotations

from bisect import bisect_right, insort
from math import ceil


class Places:
    """Taken stretches of a day, in elapsed seconds from midnight, never overlapping."""

    def __init__(self, separation_s: float) -> None:
        self._separation_s = separation_s
        self._taken: list[tuple[float, float]] = []

    def earliest(self, wanted: float, length: float) -> float:
        """The first start at or after ``wanted`` at which ``length`` seconds are free, separation included.

        What has to give way starts at a whole second, so that people can read and say the time.
        """
        start = wanted
        index = bisect_right(self._taken, (wanted, float("inf")))
        if index and self._taken[index - 1][1] + self._separation_s > start:
            start = ceil(self._taken[index - 1][1] + self._separation_s)
        while index < len(self._taken) and self._taken[index][0] < start + length + self._separation_s:
            start = ceil(self._taken[index][1] + self._separation_s)
            index += 1
        return start

    def take(self, start: float, length: float) -> None:
        """Mark a stretch as taken."""
        insort(self._taken, (start, start + length))
