"""How long a process that is late is waited for. Pure: reads no clock.

One that hangs is to be replaced at once. But on a PC that is overloaded a new one is as late as the old one was, and
starting it takes what little processor there is: where one replacement follows the other, each next one waits longer.
"""

from __future__ import annotations

SOON_S = 60.0
"""One that was given up within this after another makes the limits twice as long."""

CALM_S = 120.0
"""They come back by one step after each such time in which none was given up."""

MOST_STEPS = 3


class Patience:
    """To be used by one thread. Instants are monotonic seconds."""

    def __init__(self) -> None:
        self._steps = 0
        self._last = float("-inf")

    def given_up(self, mono: float) -> None:
        """One was replaced only because it was late."""
        self._steps = self._steps_at(mono)
        if mono - self._last < SOON_S:
            self._steps = min(self._steps + 1, MOST_STEPS)
        self._last = mono

    def factor(self, mono: float) -> float:
        """How many times the usual limit holds."""
        return 2.0 ** self._steps_at(mono)

    def _steps_at(self, mono: float) -> int:
        return max(0, self._steps - int((mono - self._last) // CALM_S)) if self._steps else 0
