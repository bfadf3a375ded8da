"""Keeps room on the disk: looks each minute, and gives up what can be done without in a fixed order.

The order: recordings of the air, caches that nothing counts on, logs that were put aside, copies of the database from
before a change. Notices, approvals, recordings by people, the plan, the database and backups are never touched. With a
full disk the air goes on: what it needs is there already, or in memory.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from broadcaster.child_log import cut
from broadcaster.decisions import decided
from broadcaster.errors import BroadcasterError
from broadcaster.ops import spare
from broadcaster.ops.causes import Cause, cause
from broadcaster.ops.spare import Spare
from broadcaster.plan.unattended_models import Upkeep
from broadcaster.settings import Home

log = logging.getLogger(__name__)

FULL_MB = 200
"""Below this nothing new is prepared, and the log of the air may soon not be written."""
MARGIN = 1.1
"""So much more than asked is made free, so that it is not done anew each minute."""
CHILD_LOGS = ("engine.log", "ear.log")

_MB = 1_000_000

Trim = Callable[[int], int]
"""Gives up at least so many bytes of the air's recordings if there are any; returns the bytes freed."""


class DiskGuard:
    """:meth:`look` and :meth:`tidy` belong to one thread; the rest may be read by any."""

    def __init__(
        self, home: Home, upkeep: Callable[[], Upkeep], pinned: Callable[[], Collection[str]], *,
        trim_air: Trim = lambda wanted: 0, free: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free,
    ) -> None:  # fmt: skip
        self._home = home
        self._upkeep = upkeep
        self._pinned = pinned
        self._trim_air = trim_air
        self._free = free
        self._given_up = 0
        """Free bytes at which everything that could be given up was."""
        self.free_mb: int | None = None
        """As last seen; None before the first look, and when the disk does not say."""
        self.low = False
        """Whether less is free than should be, after all was given up that may be."""

    @property
    def full(self) -> bool:
        """Whether nothing new can be prepared."""
        return self.free_mb is not None and self.free_mb < FULL_MB

    def look(self) -> None:
        """Measure, and make room if there is too little. Raises nothing that a disk may do."""
        for name in CHILD_LOGS:
            try:
                cut(self._home.logs / name)
            except OSError as error:
                log.warning("%s can't be cut: %s", name, error)
        wanted = self._upkeep().free_mb * _MB
        free = self._measured()
        if free is None:
            return
        if free < wanted:
            # Once all was given up it is tried again only when still less is free.
            if not self.low or free < self._given_up:
                free = self._make_room(free, wanted)
            if free < wanted and not self.low:
                decided("disk-low", free_mb=free // _MB, wanted_mb=wanted // _MB)
            self.low = free < wanted
        elif self.low and free > wanted * MARGIN:
            self.low = False
            decided("disk-has-room", free_mb=free // _MB)

    def _measured(self) -> int | None:
        try:
            free = self._free(self._home.root)
        except OSError as error:
            log.warning("the disk does not say what is free: %s", error)
            self.free_mb = None
            return None
        self.free_mb = free // _MB
        return free

    def _make_room(self, free: int, wanted: int) -> int:
        aim = int(wanted * MARGIN)
        for what, give_up in self._order():
            if free >= aim:
                break
            try:
                count, freed = give_up(aim - free)
            except (BroadcasterError, OSError) as error:
                # One thing that can't be given up must not save all the others.
                log.warning("no room can be made of %s: %s", what, error)
                continue
            if freed:
                decided("room-made", of=what, count=count, freed_mb=freed / _MB, free_mb=free // _MB)
            # By its own word first: on many disks what is deleted is free only a moment later.
            free = max(free + freed, self._measured() or 0)
        self._given_up = free
        self.free_mb = free // _MB
        return free

    def _order(self) -> Sequence[tuple[str, Callable[[int], tuple[int, int]]]]:
        home = self._home
        return (
            ("air check", lambda need: _counted(self._trim_air(need))),
            ("leftovers", lambda need: _delete(spare.leftovers(home), need)),
            ("phrases", lambda need: _delete(spare.phrases(home), need)),
            ("recordings", lambda need: _delete(self._unpinned(), need)),
            ("logs", lambda need: _delete(spare.logs(home), need)),
            ("copies", lambda need: _delete(spare.copies(home), need)),
        )

    def _unpinned(self) -> list[Spare]:
        try:
            return spare.recordings(self._home, self._pinned())
        except BroadcasterError as error:
            log.warning("no recording is deleted while it can't be told which are needed: %s", error)
            return []

    def tidy(self) -> None:
        """Each night: what the caches hold beyond their budget, and what was broken off."""
        with suppress(OSError):
            spare.delete(spare.leftovers(self._home))
            spare.delete(spare.copies(self._home))
        found = self._unpinned()
        over = sum(one.bytes for one in found) - self._upkeep().cache_mb * _MB
        if over > 0:
            count, freed = spare.delete(found, lambda freed: freed >= over)
            decided("cache-trimmed", count=count, freed_mb=freed / _MB, budget_mb=self._upkeep().cache_mb)

    def causes(self, now: datetime) -> Sequence[Cause]:
        """See :class:`broadcaster.ops.causes.Source`."""
        if self.full:
            return (
                cause("disk-full", f"磁盘已满,只剩 {self.free_mb} MB", f"the disk is full: {self.free_mb} MB left"),
            )
        if self.low:
            return (cause("disk-low", f"磁盘只剩 {self.free_mb} MB", f"only {self.free_mb} MB of disk left"),)
        return ()


def _delete(spares: Sequence[Spare], need: int) -> tuple[int, int]:
    return spare.delete(spares, lambda freed: freed >= need)


def _counted(freed: int) -> tuple[int, int]:
    return (1 if freed else 0), freed
