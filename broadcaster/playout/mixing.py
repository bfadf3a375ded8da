"""Duck and restore as a pure state machine: who holds the bed down, how far, and until when at the latest.

Every hold carries the instant at which it ends by itself. So a spot that fails, hangs or is forgotten can't leave
the bed down: whatever happens, each duck ends in a restore.
"""

from __future__ import annotations

from dataclasses import dataclass

from broadcaster.playout.protocol import SILENT_DB


@dataclass(frozen=True, slots=True)
class Hold:
    """One reason for the bed to be down."""

    holder: str
    depth_db: float
    """Gain of the bed while it holds: below 0, ``SILENT_DB`` for silence."""
    since: float
    """Monotonic instant at which the bed must be down."""
    until: float
    """Monotonic instant at which it lets go by itself."""


@dataclass(frozen=True, slots=True)
class Mix:
    """The holds on the bed. Each method returns the next state."""

    holds: tuple[Hold, ...] = ()

    def held(self, hold: Hold) -> Mix:
        """With one more hold; a holder has at most one."""
        return Mix((*(other for other in self.holds if other.holder != hold.holder), hold))

    def released(self, holder: str) -> Mix:
        """Without a holder's hold."""
        return Mix(tuple(hold for hold in self.holds if hold.holder != holder))

    def at(self, now: float) -> Mix:
        """Without the holds whose time is over."""
        return Mix(tuple(hold for hold in self.holds if hold.until > now))

    @property
    def depth_db(self) -> float:
        """Gain of the bed: that of the deepest hold, 0 dB without any, and never above."""
        return min((max(hold.depth_db, SILENT_DB) for hold in self.holds if hold.depth_db < 0.0), default=0.0)
