"""When was each captured sample played? Worked out from when its chunk arrived.

The arrival of a chunk minus the samples before it, in seconds, is the date of sample 0 plus a delay that is never
negative: a monitor hands out a block at the moment at which it starts to play. So the low quantile of the last
seconds is the date itself; it slides along, because the sound card's clock and ours drift apart by some 100 ppm.
"""

from __future__ import annotations

from collections import deque

QUANTILE = 0.03
WINDOW_S = 3.0


class Dating:
    """Of one stream. Not for several threads."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._arrivals: deque[tuple[float, float]] = deque()
        self._origin: float | None = None

    def add(self, index: int, arrival: float) -> None:
        """The chunk that begins with sample ``index`` arrived at ``arrival`` (monotonic, seconds)."""
        self._arrivals.append((arrival, arrival - index / self._rate))
        while arrival - self._arrivals[0][0] > WINDOW_S:
            self._arrivals.popleft()
        self._origin = None

    def at(self, index: int) -> float:
        """Monotonic instant at which the sample of this index was played. ``ValueError`` before the first chunk."""
        if self._origin is None:
            if not self._arrivals:
                raise ValueError("nothing has arrived yet")
            origins = sorted(origin for _, origin in self._arrivals)
            self._origin = origins[int(QUANTILE * len(origins))]
        return self._origin + index / self._rate
