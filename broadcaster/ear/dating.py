"""When was each captured sample played? Worked out from when its chunk arrived.

A monitor hands out a block at the moment at which it starts to play, so the arrival of a block minus the samples
before it, in seconds, is the date of sample 0 plus a delay. But a block may come in several chunks at once, of which
all but the first arrive before their time: only a chunk that comes after a pause begins a block. A low quantile of the
last seconds, not the lowest, is the date: now and then the pause is one of this process itself, which was not run in
between. It slides along, because the sound card's clock and ours drift apart by some 100 ppm.
"""

from __future__ import annotations

from collections import deque

QUANTILE = 0.2
WINDOW_S = 3.0
PAUSE_S = 0.0015


class Dating:
    """Of one stream. Not for several threads."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._arrivals: deque[tuple[float, float]] = deque()
        self._origin: float | None = None
        self._last = float("-inf")

    def add(self, index: int, arrival: float) -> None:
        """The chunk that begins with sample ``index`` arrived at ``arrival`` (monotonic, seconds)."""
        pause, self._last = arrival - self._last, arrival
        if pause < PAUSE_S:
            return
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
