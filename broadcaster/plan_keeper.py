"""Holds the plan that is on air against the files: takes a good change over, keeps a faulty one out and says why."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime

import watchfiles

from broadcaster.clock import Clock
from broadcaster.good_plan import GoodPlan, keep, kept
from broadcaster.plan.faults import Fault
from broadcaster.plan.load import fingerprint
from broadcaster.plan.plan import Plan
from broadcaster.publish import Publisher
from broadcaster.settings import Home

log = logging.getLogger(__name__)

FOLDERS = ("config", "playlists", "announcements")

TakePlan = Callable[[Plan, datetime], None]
"""Takes the plan and the instant since when it holds."""


class PlanKeeper:
    """Runs a thread that watches the files. ``take`` is called on it, and by :meth:`start`."""

    def __init__(self, home: Home, clock: Clock, take: TakePlan, *, rehearsal: bool = False) -> None:
        self._home = home
        self._clock = clock
        self._take = take
        self._rehearsal = rehearsal
        self._publisher = Publisher(home.root)
        self._stop = threading.Event()
        self._look = threading.Event()
        self._threads: list[threading.Thread] = []
        self._mark = ""
        self.plan: Plan | None = None
        self.loaded_at: datetime | None = None
        self.faults: tuple[Fault, ...] = ()
        """Of the files as they are now, whether or not they are on air."""
        self.preparing = ""
        """What is being made ready, for people to see; empty when nothing is."""

    def start(self) -> None:
        """Put the kept plan on air if there is one, then see to the files in a thread."""
        good = kept(self._home.good_plan)
        if good is not None:
            # A clock that was set back since then must not make the spots from now until then never due.
            now = self._clock.now()
            since = now if self._rehearsal else min(good.since, now)
            self._adopt(good.present, since)
            if good.complete and good.fingerprint == fingerprint(self._home.root):
                self._mark = good.fingerprint
        for name, work in (("plan", self._work), ("plan-watch", self._watch)):
            thread = threading.Thread(target=work, name=name, daemon=True)
            thread.start()
            self._threads.append(thread)
        self._look.set()

    def look(self) -> None:
        """Have the files looked at soon, whether or not a change was noticed."""
        self._look.set()

    def stop(self) -> None:
        """End the threads; what is being prepared is left unfinished."""
        self._stop.set()
        self._look.set()

    def _watch(self) -> None:
        folders = [self._home.root / name for name in FOLDERS if (self._home.root / name).is_dir()]
        while not self._stop.is_set():
            try:
                for _ in watchfiles.watch(*folders, stop_event=self._stop, debounce=300, step=100, rust_timeout=1000):
                    self._look.set()
            except OSError as error:
                # A folder that went away: the regular look finds out what became of the plan.
                log.warning("watching the plan's files failed: %s", error)
                self._stop.wait(5.0)

    def _work(self) -> None:
        while True:
            self._look.wait()
            if self._stop.is_set():
                return
            self._look.clear()
            try:
                self._see_to_files()
            except Exception:
                # The outermost turn of this thread: the plan on air stays.
                log.exception("looking at the plan's files failed")

    def _see_to_files(self) -> None:
        mark = fingerprint(self._home.root)
        if mark == self._mark and self.plan is not None:
            return
        today = self._clock.now().astimezone(self.plan.station.tz if self.plan else UTC).date()
        publication = self._publisher.publish(today, progress=self._progress)
        self.preparing = ""
        self.faults = publication.faults
        for fault in publication.wrong:
            log.warning("plan: %s", fault)
        if fingerprint(self._home.root) != mark:
            # Changed again while it was read.
            self._look.set()
            return
        # A speech engine may fail for a moment: that is looked at again without a change of the files.
        self._mark = "" if any(fault.code == "bad-speech" for fault in publication.wrong) else mark
        if publication.plan is None or not publication.fit:
            log.error("the plan's files have faults; the plan on air stays")
            return
        if self.plan is not None and publication.plan.model_dump() == self.plan.model_dump():
            return
        since = self._clock.now()
        self._adopt(publication.plan, since)
        if not self._rehearsal:
            try:
                keep(self._home.good_plan, GoodPlan(fingerprint=mark, since=since, plan=publication.plan))
            except OSError as error:
                # It is on air all the same; only the next start will have to read the files first.
                log.error("the plan can't be kept for the next start: %s", error)

    def _progress(self, what: str, done: int, of: int) -> None:
        self.preparing = f"{what} ({done}/{of})"
        log.info("preparing %s", self.preparing)
        if self._stop.is_set():
            raise SystemExit

    def _adopt(self, plan: Plan, since: datetime) -> None:
        self.plan = plan
        self.loaded_at = self._clock.now()
        log.info("plan %s takes hold", plan.version)
        self._take(plan, since)
