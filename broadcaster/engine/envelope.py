"""Fades, ducks and volumes as functions of time. Pure: reads no clock and knows no player.

Instants are seconds of :data:`broadcaster.clock.monotonic`, gains dB, fades amplitudes (1.0 is as recorded).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from broadcaster.playout.protocol import SILENT_DB

STEP_S = 0.010
"""Interval between two settings of the volume while something moves: steps of this size are not heard as steps."""

FLOOR_DB = -60.0
"""What is softer is silence: on libVLC's scale it is volume 10 of 100, below which single steps are several dB."""


def volume_for(gain_db: float) -> int:
    """The largest libVLC volume (0..100) that is not louder than ``gain_db``; 0 below ``FLOOR_DB``.

    libVLC maps volume to amplitude by a cube on PulseAudio: gain = 60 log10(volume / 100) dB (measured).
    """
    if gain_db < FLOOR_DB:
        return 0
    if gain_db >= 0.0:
        return 100
    # A gain that is itself the image of an integer must give that integer back despite rounding.
    return math.floor(100.0 * math.pow(10.0, gain_db / 60.0) + 1e-9)


def decibels(amplitude: float) -> float:
    """Amplitude (1.0 is 0 dB) in dB, never below ``SILENT_DB``."""
    return max(20.0 * math.log10(amplitude), SILENT_DB) if amplitude > 0.0 else SILENT_DB


@dataclass(frozen=True, slots=True)
class Ramp:
    """A straight way from ``begin`` to ``end``, beginning at ``at`` and taking ``duration_s``."""

    at: float
    duration_s: float
    begin: float
    end: float

    def value(self, now: float) -> float:
        """The value at ``now``: ``begin`` before the way, exactly ``end`` after it, and never outside the two."""
        if now >= self.over_at:
            return self.end
        if now <= self.at:
            return self.begin
        value = self.begin + (self.end - self.begin) * ((now - self.at) / self.duration_s)
        low, high = (self.begin, self.end) if self.begin <= self.end else (self.end, self.begin)
        return min(max(value, low), high)

    @property
    def over_at(self) -> float:
        """The instant from which the value is ``end``."""
        return self.at + max(self.duration_s, 0.0)


def ramp_db(at: float, duration_s: float, begin_db: float, end_db: float) -> Ramp:
    """A way in dB whose length is spent on what can be heard.

    Silence has no place on a dB scale: a way to or from it runs to or from ``FLOOR_DB``, so that half of a slow fade
    isn't spent below the audible. A way to silence ends at ``FLOOR_DB`` and :class:`Lane` mutes it from there.
    """
    return Ramp(at, duration_s, max(begin_db, FLOOR_DB), max(end_db, FLOOR_DB))


class Lane:
    """A value that moves along one ramp, with at most one other move still to come.

    The later word holds: a move replaces the one still to come, and at its instant the one that is under way, from
    wherever that has got to.
    """

    def __init__(self, value: float, *, in_db: bool) -> None:
        self._in_db = in_db
        self._target = value
        self._ramp = Ramp(-math.inf, 0.0, value, value)
        self._coming: tuple[float, float, float] | None = None

    def move(self, now: float, at: float, to: float, duration_s: float) -> None:
        """Told so at ``now``: from ``at`` on go to ``to`` within ``duration_s``."""
        self.value(now)  # a move whose instant has passed is the present, even if nobody looked since
        self._coming = (at, to, duration_s)

    def begin_at(self, at: float, begin: float, to: float, duration_s: float) -> None:
        """Go to ``to`` from ``begin`` rather than from the present value; a move to come stays."""
        self._target = to
        self._ramp = self._make(at, duration_s, begin, to)

    def _make(self, at: float, duration_s: float, begin: float, end: float) -> Ramp:
        return ramp_db(at, duration_s, begin, end) if self._in_db else Ramp(at, duration_s, begin, end)

    def value(self, now: float) -> float:
        """The value at ``now``. Call with instants that don't go back."""
        if self._coming is not None and now >= self._coming[0]:
            at, to, duration_s = self._coming
            self._coming = None
            # A step that comes late still ends when it should have.
            begin = self.value(at)
            self._target = to
            self._ramp = self._make(at, duration_s, begin, to)
        return self._target if now >= self._ramp.over_at else self._ramp.value(now)

    def settled(self, now: float) -> bool:
        """Nothing moves and nothing is to come."""
        return self._coming is None and now >= self._ramp.over_at

    def due(self, now: float) -> float:
        """The next instant after ``now`` at which the value may change; infinity when settled."""
        if now < self._ramp.over_at:
            first = max(now, self._ramp.at) + STEP_S
            moving = min(first, self._ramp.over_at) if now >= self._ramp.at else self._ramp.at
        else:
            moving = math.inf
        return min(moving, self._coming[0]) if self._coming is not None else moving
