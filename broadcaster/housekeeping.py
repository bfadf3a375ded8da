"""What is due by the clock besides the air: APScheduler wakes the conductor at boundaries and looks after the files.

It never decides what airs: a wake that comes late or never costs nothing, for the conductor turns by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from broadcaster.clock import Clock, SystemClock
from broadcaster.playout.loop import ConductorLoop
from broadcaster.publishing.almanac import Almanac
from broadcaster.publishing.plan_keeper import PlanKeeper

if TYPE_CHECKING:
    from apscheduler.schedulers.background import BackgroundScheduler


BEFORE_BOUNDARY = timedelta(seconds=6)
"""The conductor is woken this long before a boundary, in time to prepare what comes."""

FIRST_S = 5.0
"""After the start, so that the air has come up."""


class Housekeeping:
    """Jobs live in memory and are made anew from the rundown at each start and each hour."""

    def __init__(
        self, clock: Clock, loop: ConductorLoop, keeper: PlanKeeper, almanac: Almanac,
        minutely: Sequence[Callable[[], None]] = (),
    ) -> None:  # fmt: skip
        self._clock = clock
        self._loop = loop
        self._keeper = keeper
        self._almanac = almanac
        self._minutely = tuple(minutely)
        self._jobs: BackgroundScheduler | None = None

    def start(self) -> None:
        """Begin."""
        # Imported late: the conductor runs by now.
        from apscheduler.schedulers.background import BackgroundScheduler

        # The default grace drops a job that is a second late in silence; a late wake is still a wake.
        self._jobs = jobs = BackgroundScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        jobs.add_job(self._keeper.look, "interval", seconds=60, id="look-at-plan")
        jobs.add_job(self._plan_wakes, "interval", hours=1, id="boundaries")
        for number, job in enumerate(self._minutely):
            first = SystemClock().now() + timedelta(seconds=FIRST_S)
            jobs.add_job(job, "interval", seconds=60, id=f"minutely-{number}", next_run_time=first)
        jobs.add_job(self._plan_wakes, "date", run_date=SystemClock().now() + timedelta(seconds=2))
        jobs.start()

    def _plan_wakes(self) -> None:
        plan = self._keeper.plan
        if plan is None:
            return
        now = self._clock.now()
        ahead = SystemClock().now() - now
        for day in {(now + timedelta(days=offset)).astimezone(plan.station.tz).date() for offset in (0, 1)}:
            for segment in self._almanac.rundown(plan, day).segments:
                if timedelta() < segment.start - now < timedelta(hours=2):
                    self._wake_at(segment.start + ahead - BEFORE_BOUNDARY, f"boundary-{segment.start.isoformat()}")

    def _wake_at(self, instant: datetime, name: str) -> None:
        if self._jobs is not None:
            self._jobs.add_job(
                self._loop.put, "date", run_date=instant, args=[lambda conductor: None], id=name, replace_existing=True
            )

    def stop(self) -> None:
        """End."""
        if self._jobs is not None:
            self._jobs.shutdown(wait=False)
