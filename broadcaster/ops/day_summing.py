"""Writes down what each day came to, once it is over, and makes up for days of which nothing was written."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from broadcaster.clock import Clock
from broadcaster.errors import BroadcasterError
from broadcaster.plan.plan import Plan
from broadcaster.rundown.events import Rundown
from broadcaster.store.day_sums import DaySums

log = logging.getLogger(__name__)

PAUSE_S = 0.1
"""From one day to the next: the air's log is written in between."""
PATIENCE_DAYS = 2
"""So long an entry without an end is waited for."""
RECENT = timedelta(days=7)
"""Of earlier dates it is not asked any more what was planned: each costs a second or more."""


class DaySumming:
    """:meth:`look` is called each minute; the work is done in a thread of its own."""

    def __init__(
        self, sums: DaySums, clock: Clock, plan: Callable[[], Plan | None],
        rundown: Callable[[Plan, date], Rundown] | None = None, *, pause_s: float = PAUSE_S,
    ) -> None:  # fmt: skip
        self._sums = sums
        self._clock = clock
        self._plan = plan
        self._rundown = rundown
        self._pause_s = pause_s
        self.unrecorded: Callable[[date], Sequence[str]] | None = None
        """The kinds of a date's planned spots that the log says nothing of, where there is somebody to tell."""
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._through: date | None = None
        """The last date on which nothing was left to do."""

    def look(self) -> None:
        """Begin if a day is over."""
        plan = self._plan()
        if plan is None or (self._thread is not None and self._thread.is_alive()):
            return
        today = self._clock.now().astimezone(plan.station.tz).date()
        if today != self._through:
            self._thread = threading.Thread(target=self._run, args=(plan, today), name="day-sums", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Leave off before the next day."""
        self._stop.set()

    def join(self) -> None:
        """Until what was begun is done."""
        if self._thread is not None:
            self._thread.join()

    def make_up(self, plan: Plan, first: date, today: date) -> int:
        """Write the days from ``first`` on, before ``today``, that lack it; how many are left for later.

        Raises ``StoreError``.
        """
        left = 0
        # What is made up before it is archived may be long past, whatever the dates asked for.
        now_on = self._clock.now().astimezone(plan.station.tz).date()
        for on in self._sums.missing(first, today - timedelta(days=1)):
            if self._stop.is_set():
                return left + 1
            if on > today - timedelta(days=PATIENCE_DAYS) and self._sums.is_open(on):
                left += 1
                continue
            # Of days long past the present plan knows nothing.
            lengths = self._lengths(plan, on) if on == now_on - timedelta(days=1) else (None, None)
            self._sums.write(
                on, plan.station.tz, self._clock.now(), programme_s=lengths[0], planned_silence_s=lengths[1],
                unrecorded=self._unrecorded(on) if on >= now_on - RECENT else (),
            )  # fmt: skip
            self._stop.wait(self._pause_s)
        return left

    def make_up_between(self, plan: Plan, first: date, last: date) -> None:
        """Both included; for days that are about to leave the log. Raises ``StoreError``."""
        self.make_up(plan, first, last + timedelta(days=1))

    def _run(self, plan: Plan, today: date) -> None:
        try:
            if not self.make_up(plan, date.min, today):
                self._through = today
        except BroadcasterError as error:
            log.warning("sums of past days: %s", error)
        except Exception:
            # The outermost turn of this thread: tried again in a minute.
            log.exception("sums of past days failed")

    def _unrecorded(self, on: date) -> Sequence[str]:
        if self.unrecorded is None:
            return ()
        try:
            return self.unrecorded(on)
        except BroadcasterError as error:
            log.warning("what the log of %s lacks can't be told: %s", on, error)
            return ()

    def _lengths(self, plan: Plan, on: date) -> tuple[float | None, float | None]:
        if self._rundown is None:
            return None, None
        try:
            segments = self._rundown(plan, on).segments
        except BroadcasterError as error:
            log.warning("the rundown of %s can't be told any more: %s", on, error)
            return None, None
        lengths = [(one.duration_s, one.bed is None) for one in segments]
        return sum(one for one, _ in lengths), sum(one for one, silent in lengths if silent)
