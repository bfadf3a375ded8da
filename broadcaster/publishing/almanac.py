"""Compiles any date of a plan with the history that its turns need; remembers what it compiled."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from broadcaster.asrun.log import AsRunLog
from broadcaster.clock import Clock, SystemClock
from broadcaster.errors import BroadcasterError
from broadcaster.plan.plan import Plan
from broadcaster.rundown.compiler import compile_rundown
from broadcaster.rundown.events import Airing, Notice, Rundown
from broadcaster.rundown.unsaid import NOTHING_UNSAID, Unsaid

log = logging.getLogger(__name__)

NoticesOf = Callable[[date], Sequence[Notice]]
"""The approved notices of a date, each with the instants between which it holds."""

UnsaidOf = Callable[[date], Unsaid]
"""What of a date people silenced."""

_MadeOf = tuple[Plan, date, tuple[Notice, ...], list[Airing], Unsaid]

IMAGINED = 12
"""So many days with other notices are remembered: two for each of a notice's next days, of two notices."""

HISTORY_DAYS = 8
"""So far back airings count for whose turn it is; the day before does not count, see :class:`Almanac`."""


class Almanac:
    """For one log; may be shared by threads. Without a log, turns go by the date alone.

    A date is first compiled on the day before it, when that day is not over: so that it comes out the same whenever
    and by whomever it is compiled, only days before that one count as history, and what lies further ahead is not
    remembered.
    """

    def __init__(
        self, log: AsRunLog | None, clock: Clock | None = None, notices: NoticesOf = lambda on: (),
        unsaid: UnsaidOf = lambda on: NOTHING_UNSAID,
    ) -> None:  # fmt: skip
        self._log = log
        self._clock = clock or SystemClock()
        self._notices = notices
        self._unsaid = unsaid
        self._silent: dict[date, Unsaid] = {}
        self._lock = threading.Lock()
        self._imagined: deque[tuple[_MadeOf, Rundown]] = deque(maxlen=IMAGINED)
        self._plan: Plan | None = None
        self._days: dict[date, Rundown] = {}
        self._known: dict[date, tuple[Notice, ...]] = {}
        self._aired: dict[date, tuple[Airing, ...]] = {}
        self.missed = False
        """Whether since :meth:`forget` something was compiled without the notices of the moment."""

    def rundown(self, plan: Plan, on: date) -> Rundown:
        """The rundown of a date."""
        with self._lock:
            if self._plan is not plan:
                self._plan, self._days = plan, {}
            if on in self._days:
                return self._days[on]
            rundown = compile_rundown(plan, self.notices(on), on, self._history(plan, on), self._unsaid_on(on))
            if on <= self._clock.now().astimezone(plan.station.tz).date() + timedelta(days=1):
                if len(self._days) > 40:
                    self._days.clear()
                self._days[on] = rundown
            return rundown

    def compile(self, plan: Plan, on: date, notices: Sequence[Notice]) -> Rundown:
        """The rundown of a date with other notices than those that are approved.

        The last few are remembered by all that they are made of: who looks at a notice again, or at the next one, sees
        the same days without it.
        """
        made_of = (plan, on, tuple(notices), self._history(plan, on), self._unsaid_on(on))
        with self._lock:
            for known, rundown in self._imagined:
                # The plan by identity: it is large, and a new one is read as a whole.
                if known[0] is plan and known[1:] == made_of[1:]:
                    return rundown
        rundown = compile_rundown(plan, made_of[2], on, *made_of[3:])
        with self._lock:
            self._imagined.append((made_of, rundown))
        return rundown

    def notices(self, on: date) -> tuple[Notice, ...]:
        """The approved notices of a date; those last known while they can't be read."""
        try:
            found = tuple(self._notices(on))
        except BroadcasterError as error:
            log.error("the notices can't be read: %s", error)
            self.missed = True
            return self._known.get(on, ())
        if len(self._known) > 40:
            self._known.clear()
        self._known[on] = found
        return found

    def _unsaid_on(self, on: date) -> Unsaid:
        try:
            found = self._unsaid(on)
        except BroadcasterError as error:
            log.error("what was silenced by hand can't be read: %s", error)
            self.missed = True
            return self._silent.get(on, NOTHING_UNSAID)
        self._silent = {day: known for day, known in self._silent.items() if day >= on - timedelta(days=2)}
        self._silent[on] = found
        return found

    def forget(self, *, history: bool = False) -> None:
        """Compile anew what is asked from now on: notices changed, or what aired on days that are over."""
        with self._lock:
            self._days = {}
            if history:
                self._aired = {}
            self.missed = False

    def _history(self, plan: Plan, on: date) -> list[Airing]:
        days = [on - timedelta(days=back) for back in range(HISTORY_DAYS, 1, -1)]
        kept = self._aired
        missing = [day for day in days if day not in kept]
        found: dict[date, list[Airing]] = {day: [] for day in missing}
        if self._log is not None and missing:
            try:
                for one in self._log.airings_since(missing[0], missing[-1]):
                    if one.date in found:
                        found[one.date].append(Airing(one.ref, one.date))
            except BroadcasterError:
                # A broken log costs fairness, not the programme.
                return []
        # The last entry of a date may be written after midnight; an hour later the date stays as it is.
        over = (self._clock.now().astimezone(plan.station.tz) - timedelta(hours=1)).date() - timedelta(days=1)
        history = [airing for day in days for airing in (found[day] if day in found else kept.get(day, ()))]
        if len(self._aired) > 60:
            self._aired = {}
        self._aired |= {day: tuple(airings) for day, airings in found.items() if day <= over}
        return history
