"""The one place that reads the time of day.

Wall time (:meth:`Clock.now`) is what the programme is written in; monotonic time (:func:`monotonic`) is what
durations and the engine's starts are measured in, and every process on the machine shares it.
A clock step shows as the two parting: see :class:`StepWatch`.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

#: Seconds on a clock that never steps and that all processes of this machine share.
#: On Windows ``time.monotonic`` ticks every 15.6 ms before Python 3.13; the performance counter does not.
monotonic = time.perf_counter if sys.platform == "win32" else time.monotonic


class Clock(Protocol):
    """Tells what time the station believes it is."""

    def now(self) -> datetime:
        """The current instant, aware, in UTC."""
        ...

    def mono(self) -> float:
        """Seconds that never step: :func:`monotonic`, unless a test keeps its own time."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def mono(self) -> float:
        return monotonic()


class RehearsalClock:
    """Believes at its making that it is ``start``; from there it runs at the normal pace and never steps."""

    def __init__(self, start: datetime) -> None:
        self._start = start.astimezone(UTC)
        self._origin = monotonic()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=monotonic() - self._origin)

    def mono(self) -> float:
        return monotonic()


CLOSE_S = 0.002
"""Two clocks read within this of each other count as read at one moment."""


def read_both(clock: Clock) -> tuple[datetime, float]:
    """Wall and monotonic time of one moment.

    A thread may lose the processor between two readings, which would look like a clock that was set; so the closest
    of a few attempts counts.
    """
    best: tuple[float, datetime, float] | None = None
    for _ in range(5):
        before = clock.mono()
        now = clock.now()
        after = clock.mono()
        if best is None or after - before < best[0]:
            best = after - before, now, (before + after) / 2
        if best[0] <= CLOSE_S:
            break
    assert best is not None
    return best[1], best[2]


class StepWatch:
    """Notices that wall time and monotonic time have parted: a clock set by hand or by NTP, or a slept machine."""

    def __init__(self, clock: Clock, tolerance_s: float = 0.5) -> None:
        self._clock = clock
        self._tolerance_s = tolerance_s
        self._offset = self._read()

    def _read(self) -> float:
        now, mono = read_both(self._clock)
        return now.timestamp() - mono

    def step(self) -> float:
        """Seconds by which wall time jumped since the last call (positive: forward); 0.0 within the tolerance.

        Slow drift is followed, so that NTP's slewing never adds up to a false step.
        """
        offset = self._read()
        jump = offset - self._offset
        self._offset = offset
        return jump if abs(jump) > self._tolerance_s else 0.0
