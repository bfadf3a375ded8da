"""Builds what keeps the house in order, for the daemon."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from broadcaster.clock import Clock
from broadcaster.media.memo import known_within
from broadcaster.ops import spare
from broadcaster.ops.archive import Archive
from broadcaster.ops.causes import Cause
from broadcaster.ops.day_summing import DaySumming
from broadcaster.ops.disk import DiskGuard
from broadcaster.ops.nightly import Nightly
from broadcaster.ops.pinned import Pinned
from broadcaster.ops.retention import Retention
from broadcaster.plan.unattended_models import Upkeep
from broadcaster.publishing.almanac import Almanac
from broadcaster.publishing.plan_keeper import PlanKeeper
from broadcaster.settings import Home
from broadcaster.store.database import Database
from broadcaster.store.day_sums import DaySums
from broadcaster.store.retiring import Retiring

log = logging.getLogger(__name__)


class AirRecord(Protocol):
    """The rolling recording of the air."""

    @property
    def folder(self) -> Path:
        """Where it lies."""
        ...

    def trim(self, budget_mb: int | None = None) -> int:
        """Delete the oldest beyond a budget; returns bytes freed."""
        ...


class Keeping:
    """:meth:`look` is to be called each minute."""

    def __init__(
        self, home: Home, clock: Clock, keeper: PlanKeeper, almanac: Almanac, office: Database, *, rehearsal: bool,
        zone: str,
    ) -> None:  # fmt: skip
        self.air: AirRecord | None = None
        """Set when there is one."""
        self._home = home
        self._clock = clock
        self._rehearsal = rehearsal
        self._keeper = keeper
        chimes = home.root / "announcements"
        pinned = Pinned(
            home, clock, lambda: keeper.plan, almanac, office, [lambda: known_within(home.media / "index.json", chimes)]
        )
        self.disk = DiskGuard(home, self._rules, pinned.names, trim_air=self._trim_air)
        self.sums = DaySumming(DaySums(office, zone), clock, lambda: keeper.plan, almanac.rundown)
        self.retention = Retention(
            Archive(home), Retiring(office, zone), clock, lambda: keeper.plan, self.sums.make_up_between
        )
        self.nightly = Nightly(
            home, clock, lambda: keeper.plan, database=office.path, pinned=pinned.names, tidy=self._tidy,
            renew=keeper.look_again, retire=self.retention.run,
        )  # fmt: skip

    def _rules(self) -> Upkeep:
        plan = self._keeper.plan
        return plan.station.upkeep if plan is not None else Upkeep()

    def _trim_air(self, wanted: int) -> int:
        if self.air is None:
            return 0
        used = spare.size_of(self.air.folder)
        return self.air.trim(max(0, used - wanted) // 1_000_000)

    def _tidy(self) -> None:
        if self.air is not None:
            self.air.trim()
        plan = self._keeper.plan
        if plan is not None:
            today = self._clock.now().astimezone(plan.station.tz).date()
            spare.delete(spare.spoken(self._home, today, plan.station.live.keep_days))
        self.disk.tidy()

    def look(self) -> None:
        """See to disk and night. A rehearsal leaves both alone: the caches are the real air's."""
        for turn in self._turns():
            try:
                turn()
            except Exception:
                # The outermost turn: tried again in a minute.
                log.exception("housekeeping failed")

    def _turns(self) -> Iterator[Callable[[], None]]:
        if self._rehearsal:
            return
        yield self.disk.look
        yield self.nightly.look
        if self.sums.unrecorded is not None:
            # Some seconds after the start: a day that is summed up without it is never summed up again.
            yield self.sums.look

    def stop(self) -> None:
        """Leave off what is being done, soon."""
        for part in (self.nightly, self.sums, self.retention):
            part.stop()

    def causes(self, now: datetime) -> Sequence[Cause]:
        """See :class:`broadcaster.ops.causes.Source`."""
        return (*self.disk.causes(now), *self.nightly.causes(now), *self.retention.causes(now))


def open_upkeep(
    home: Home, clock: Clock, keeper: PlanKeeper, almanac: Almanac, office: Database, parts: contextlib.ExitStack, *,
    rehearsal: bool, zone: str,
) -> Keeping:  # fmt: skip
    """Ends with ``parts``; what is being read at that moment is left."""
    keeping = Keeping(home, clock, keeper, almanac, office, rehearsal=rehearsal, zone=zone)
    parts.callback(keeping.stop)
    return keeping
