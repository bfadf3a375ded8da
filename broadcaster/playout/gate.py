"""Whether this PC may sound at all: of two at one amplifier only one does. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from broadcaster.playout.timebase import Timebase

Phase = Literal["open", "opening", "shut"]
"""``opening``: everything plays unheard, so that it is there at the instant at which the gate opens."""

PRELUDE = timedelta(seconds=4)
"""So long before it opens the bed begins to play, unheard: time enough to set right what a busy PC began late."""

COMMAND_S = 1.0
"""The engine is told this long before the instant, and keeps it to the millisecond."""

GAP_S = 0.03
"""The one that closes is silent this long before the instant: two sound devices differ by some milliseconds."""


@dataclass(frozen=True, slots=True)
class Gate:
    """Open or shut, and when it turns into the contrary, if it is known to. An aware instant of the station's clock."""

    open: bool = True
    turns_at: datetime | None = None

    def phase(self, now: datetime) -> Phase:
        """What it is at an instant."""
        turned = self.turns_at is not None and now >= self.turns_at
        if self.open != turned:
            return "open"
        if not self.open and self.turns_at is not None and now >= self.turns_at - PRELUDE:
            return "opening"
        return "shut"

    def wish(self, base: Timebase) -> tuple[bool, float | None]:
        """What the engine should have been told by now: whether to be silent, and from which monotonic instant on."""
        phase = self.phase(base.now)
        if self.turns_at is not None and base.now < self.turns_at:
            due = base.to_mono(self.turns_at)
            if due - base.mono <= COMMAND_S:
                return (True, due - GAP_S) if self.open else (False, due)
        return phase != "open", None


OPEN = Gate()
