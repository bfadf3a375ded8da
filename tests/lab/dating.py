"""When was each recorded sample played? Worked out from when its chunk arrived.

A null sink renders a block at the moment at which the block starts to play, so the arrival of a chunk minus the
samples before it, in seconds, is the date of sample 0 plus a delay that is never negative. The low quantile of these
differences is the date itself. It is taken anew each second because the server's clock and ours drift apart (some
100 ppm), and a whole second of late chunks (a busy machine) is corrected from the seconds after it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

QUANTILE = 0.05
DRIFT = 0.0005
"""The most by which two sound clocks may differ (500 ppm); a larger rise of the delay is lateness, not drift."""
WINDOW_S = 1.0
LEAST_CHUNKS = 40


@dataclass(frozen=True, slots=True)
class Knot:
    """A sample with a date. Only knots of the same stream correct each other."""

    index: int
    origin: float
    stream: int


class Dating:
    """Takes arrivals, gives knots: pairs of sample index and monotonic instant, with straight lines between."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._knots: list[Knot] = []
        self._stream = 0
        self._first = 0
        self._last = 0
        self._window: list[float] = []

    def begin(self, index: int) -> None:
        """A new stream's first sample has this index; what came before dates it no more."""
        self._knots += self._pending(self._last)
        self._window.clear()
        self._stream += 1
        self._first = self._last = index

    def add(self, index: int, arrival: float) -> None:
        """The chunk that begins with sample ``index`` arrived at ``arrival`` (monotonic, seconds)."""
        if index - self._first >= WINDOW_S * self._rate and self._window:
            self._knots += self._pending(self._middle)
            self._window.clear()
            self._first = index
        self._window.append(arrival - index / self._rate)
        self._last = index

    def knots(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Sample indices and their instants (monotonic, seconds), both never falling; empty before the first chunk."""
        knots = list(self._knots)
        if self._fresh or len(self._window) >= LEAST_CHUNKS:
            knots += self._pending(self._middle)
        origins = [knot.origin for knot in knots]
        for here in range(len(knots) - 2, -1, -1):
            after = knots[here + 1]
            if after.stream == knots[here].stream:
                drift = DRIFT * (after.index - knots[here].index) / self._rate
                origins[here] = min(origins[here], origins[here + 1] + drift)
        index = np.array([knot.index for knot in knots], dtype=np.float64)
        return index, np.maximum.accumulate(np.array(origins) + index / self._rate)

    @property
    def _middle(self) -> int:
        return (self._first + self._last) // 2

    @property
    def _fresh(self) -> bool:
        """Whether this stream has no knot yet."""
        return not self._knots or self._knots[-1].stream != self._stream

    def _pending(self, index: int) -> list[Knot]:
        """The knot of the open window, at ``index``; a stream's first window has one at its start too."""
        if not self._window:
            return []
        origin = float(np.quantile(self._window, QUANTILE))
        places = [self._first, index] if self._fresh else [index]
        return [Knot(place, origin, self._stream) for place in places]
