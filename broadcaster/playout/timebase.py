"""Wall time against monotonic time, read together once a turn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from broadcaster.clock import Clock, read_both


@dataclass(frozen=True, slots=True)
class Timebase:
    """One reading of both clocks, and conversion by it."""

    now: datetime
    mono: float

    @classmethod
    def read(cls, clock: Clock) -> Timebase:
        """Both clocks, as close together as can be."""
        return cls(*read_both(clock))

    def to_mono(self, instant: datetime) -> float:
        """The monotonic instant of a wall instant."""
        return self.mono + (instant - self.now).total_seconds()

    def to_wall(self, mono: float) -> datetime:
        """The wall instant of a monotonic instant, in UTC."""
        return (self.now + timedelta(seconds=mono - self.mono)).astimezone(UTC)
