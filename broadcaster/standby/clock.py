"""The second PC's clock goes by the main one's, so that both are at the same second of the same track."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

from broadcaster.clock import SystemClock, monotonic


class FollowingClock:
    """The machine's clock, less or more by what the main PC's differs. ``offset_s`` may be set by one thread."""

    def __init__(self) -> None:
        self.offset_s = 0.0

    def now(self) -> datetime:
        return SystemClock().now() + timedelta(seconds=self.offset_s)

    def mono(self) -> float:
        return monotonic()


MOST_TRIP_S = 0.1


class Offsets:
    """The other clock less this one's, from askings: its word lies midway between question and answer, as in NTP
    (RFC 5905, section 8), and the asking that took least time is the surest."""

    def __init__(self) -> None:
        self._found: deque[tuple[float, float]] = deque(maxlen=15)

    def add(self, sent: datetime, told: datetime, trip_s: float) -> None:
        """One asking: ``sent`` by this clock, answered after ``trip_s`` with ``told``."""
        if trip_s <= MOST_TRIP_S:
            self._found.append((trip_s, (told - sent).total_seconds() - trip_s / 2))

    def forget(self) -> None:
        """One of the two clocks was set."""
        self._found.clear()

    @property
    def known(self) -> bool:
        """Whether there is anything to go by."""
        return len(self._found) >= 3

    @property
    def offset_s(self) -> float:
        """The other's clock less this one's, in seconds."""
        return min(self._found)[1] if self._found else 0.0
