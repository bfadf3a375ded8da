"""Compiles any date of a plan with the history that its turns need; remembers what it compiled."""

from __future__ import annotations

import threading
from datetime import date, timedelta

from broadcaster.asrun.log import AsRunLog
from broadcaster.errors import BroadcasterError
from broadcaster.plan.plan import Plan
from broadcaster.rundown.compiler import compile_rundown
from broadcaster.rundown.events import Airing, Rundown

HISTORY_DAYS = 7
"""So far back airings count for whose turn it is."""


class Almanac:
    """For one log; may be shared by threads. Without a log, turns go by the date alone."""

    def __init__(self, log: AsRunLog | None) -> None:
        self._log = log
        self._lock = threading.Lock()
        self._plan: Plan | None = None
        self._days: dict[date, Rundown] = {}

    def rundown(self, plan: Plan, on: date) -> Rundown:
        """The rundown of a date."""
        with self._lock:
            if self._plan is not plan:
                self._plan, self._days = plan, {}
            if on not in self._days:
                if len(self._days) > 40:
                    self._days.clear()
                self._days[on] = compile_rundown(plan, (), on, self._history(on))
            return self._days[on]

    def _history(self, on: date) -> list[Airing]:
        if self._log is None:
            return []
        try:
            found = self._log.airings_since(on - timedelta(days=HISTORY_DAYS))
        except BroadcasterError:
            # A broken log costs fairness, not the programme.
            return []
        return [Airing(airing.ref, airing.date) for airing in found if airing.date < on]
