"""Holds the plan that is on air against the files: takes a good change over, keeps a faulty one out and says why."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import count

from broadcaster.clock import Clock
from broadcaster.decisions import decided
from broadcaster.editing.writing import finished, under_way
from broadcaster.plan.faults import Fault
from broadcaster.plan.load import fingerprint
from broadcaster.plan.plan import Plan, TimelyClip, WeatherSpell
from broadcaster.plan.succession import succeed
from broadcaster.publishing.good_plan import GoodPlan, keep, kept
from broadcaster.publishing.preparing import told
from broadcaster.publishing.publish import Publication, Publisher
from broadcaster.publishing.readying import Unready, due_first
from broadcaster.rundown.compiler import compile_rundown
from broadcaster.settings import Home
from broadcaster.voice.studio import Studio

log = logging.getLogger(__name__)

FOLDERS = ("config", "playlists", "announcements")

STAGED = "staged"
"""Instead of the files' mark, for a plan of which more is still to be made ready."""

STAGE_MOST = 16
"""So many things are made ready before the air is told of them."""

TakePlan = Callable[[Plan, datetime], None]
"""Takes the plan and the instant since when it holds."""


class _ChangedMeanwhile(Exception):
    """The files changed while sound was made of them."""


class PlanKeeper:
    """Runs a thread that watches the files. ``take`` is called on it, and by :meth:`start`."""

    def __init__(
        self, home: Home, clock: Clock, take: TakePlan, *, rehearsal: bool = False, studio: Studio | None = None
    ) -> None:
        self._home = home
        self._clock = clock
        self._take = take
        self._rehearsal = rehearsal
        self._publisher = Publisher(home.root, studio=studio)
        self._stop = threading.Event()
        self._look = threading.Event()
        self._threads: list[threading.Thread] = []
        self._mark = ""
        self._plan_mark = ""
        """Of the files that the plan on air was made of."""
        self._since = clock.now()
        self._timely: tuple[TimelyClip, ...] = ()
        self._weather: tuple[WeatherSpell, ...] = ()
        self._adopting = threading.RLock()
        self._looked = threading.Condition()
        self._through = ""
        """Mark of the files that were last looked at to the end, whatever came of it."""
        self.on_change: Callable[[], None] | None = None
        """Called on the keeper's thread after files that changed were looked at."""
        self.plan: Plan | None = None
        self.loaded_at: datetime | None = None
        self.faults: tuple[Fault, ...] = ()
        """Of the files as they are now, whether or not they are on air."""
        self.preparing = ""
        """What is being made ready, for people to see; empty when nothing is."""
        self.readying = True
        """Whether files are being looked at, and sound made of them."""
        self.failed: frozenset[str] = frozenset()
        """Scripts that could not be spoken while more is made ready."""
        self._first_mark = ""
        """Mark of the files for which a first start makes all sound ready; empty otherwise."""
        self._staged = False
        """Whether the plan on air is one of which more is still to be made ready."""

    def start(self) -> None:
        """Put the kept plan on air if there is one, then see to the files in a thread."""
        good = kept(self._home.good_plan)
        if good is not None:
            self._timely, self._weather = good.plan.timely, good.plan.weather
            # A clock that was set back since then must not make the spots from now until then never due.
            now = self._clock.now()
            since = now if self._rehearsal else min(good.since, now)
            self._plan_mark = good.fingerprint
            self._staged = good.fingerprint == STAGED
            self._adopt(good.present, since)
            if good.complete and good.fingerprint == self._files():
                self._mark = good.fingerprint
        for name, work in (("plan", self._work), ("plan-watch", self._watch)):
            thread = threading.Thread(target=work, name=name, daemon=True)
            thread.start()
            self._threads.append(thread)
        self._look.set()

    def look(self) -> None:
        """Have the files looked at soon, whether or not a change was noticed."""
        self._look.set()

    def look_again(self) -> None:
        """Have everything made ready anew though no file changed: a prepared recording went."""
        self._mark = ""
        self._look.set()

    def look_through(self, timeout_s: float) -> bool:
        """Have the files looked at now; whether that was done in time, which it is not while a voice still speaks."""
        self._look.set()
        mark = self._files()
        with self._looked:
            return self._looked.wait_for(lambda: self._through in (mark, self._files()), timeout_s)

    def stop(self) -> None:
        """End the threads; what is being prepared is left unfinished."""
        self._stop.set()
        self._look.set()

    def _watch(self) -> None:
        # Imported late: nothing sounds sooner for it.
        import watchfiles

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
                if not finished(self._home):
                    # Half of a publication is no plan: it is whole in a moment. One that broke off is whole now.
                    self._stop.wait(0.05)
                    self._look.set()
                    continue
                before = self._through
                self.readying = True
                self._see_to_files()
                self.readying = False
                if self._through != before and self.on_change is not None:
                    self.on_change()
            except SystemExit:
                # Raised by our own progress: what was being prepared is left unfinished.
                return
            except Exception:
                # The outermost turn of this thread: the plan on air stays.
                self.readying = False
                log.exception("looking at the plan's files failed")

    def _see_to_files(self) -> None:
        mark = self._files()
        if mark == self._mark and self.plan is not None:
            self._looked_at(mark)
            return
        self._take_over(mark)

    def _today(self) -> date:
        return self._clock.now().astimezone(self.plan.station.tz if self.plan else UTC).date()

    def _take_over(self, mark: str) -> None:
        try:
            if self.plan is None or self._staged:
                self._first_mark = mark
                self._begin_with_what_there_is(mark)
            publication = self._publisher.publish(self._today(), progress=self._progress)
        except _ChangedMeanwhile:
            # Nobody waits minutes for a change to be taken up; what was made ready already stays so.
            self._look.set()
            return
        finally:
            self._first_mark = self.preparing = ""
        self.faults = publication.faults
        for fault in publication.wrong:
            log.warning("plan: %s", fault)
        if self._files() != mark or under_way(self._home):
            # Changed again while it was read.
            self._look.set()
            return
        try:
            self._adopt_if_fit(publication, mark)
        finally:
            self._looked_at(mark)

    def _begin_with_what_there_is(self, mark: str) -> None:
        """Without a plan on air nobody should wait for all of its sound: what is due first is made ready first, and
        what is ready is put on air again and again, until all is."""
        tried: set[Unready] = set()
        for turn in count():
            found = self._publisher.publish(self._today(), render=False, ahead=False)
            missing = [one for one in found.unready if one not in tried]
            self.failed = frozenset(one.name for one in found.unready if one in tried and one.utterance is not None)
            if found.plan is None or not found.fit or not missing or self._files() != mark or under_way(self._home):
                return
            if turn or any(playlist.tracks for playlist in found.plan.playlists.values()):
                self._adopt_stage(found.plan)
            now, plan = self._clock.now(), found.plan
            rundowns = [compile_rundown(plan, (), self._today() + timedelta(days=day)) for day in range(2)]
            # First a single one, for there is silence; then more at a time, for each new plan costs a compilation.
            some = due_first(plan, rundowns, missing, now)[: min(2**turn, STAGE_MOST)]
            tried |= set(some)
            self._publisher.make_ready(some, self._progress)

    def _adopt_stage(self, plan: Plan) -> None:
        with self._adopting:
            fresh = succeed(self.plan, plan, self._clock.now())
            fresh = fresh.model_copy(update={"timely": self._timely, "weather": self._weather})
            if self.plan is not None and fresh.model_dump() == self.plan.model_dump():
                return
            first, self._staged, self._plan_mark = self.plan is None, True, STAGED
            self._adopt(fresh, self._clock.now() if first else self._since)
            self._keep()

    def _looked_at(self, mark: str) -> None:
        with self._looked:
            self._through = mark
            self._looked.notify_all()

    def _adopt_if_fit(self, publication: Publication, mark: str) -> None:
        # A speech engine may fail for a moment: that is looked at again without a change of the files.
        self._mark = "" if publication.provisional else mark
        if publication.plan is None or not publication.fit:
            first = next(map(str, publication.wrong), None)
            decided("plan-refused", faults=len(publication.wrong), first=first)
            return
        with self._adopting:
            # A song that is put in or taken out must not cut the one that sounds.
            fresh = succeed(self.plan, publication.plan, self._clock.now())
            plan = fresh.model_copy(update={"timely": self._timely, "weather": self._weather})
            staged, self._staged = self._staged, False
            if not staged and self.plan is not None and plan.model_dump() == self.plan.model_dump():
                return
            self._plan_mark = mark
            # What was due while it was made ready is due under it as well.
            self._adopt(plan, self._since if staged else self._clock.now())
            self._keep()

    def _files(self) -> str:
        """Mark of the files, and of who can speak: a voice that was installed makes another plan of the same files."""
        return f"{fingerprint(self._home.root)} {self._publisher.studio.ladder.mark()}"

    def _keep(self) -> None:
        if self._rehearsal or self.plan is None:
            return
        try:
            keep(self._home.good_plan, GoodPlan(fingerprint=self._plan_mark, since=self._since, plan=self.plan))
        except OSError as error:
            # It is on air all the same; only the next start will have to read the files first.
            log.error("the plan can't be kept for the next start: %s", error)

    def set_timely(self, timely: tuple[TimelyClip, ...], weather: tuple[WeatherSpell, ...]) -> None:
        """What scripts say for the time being, and what the weather is: the plan on air takes it in at once.

        It carries the instants between which it holds, so nothing before them changes, and a plan that is kept for
        the next start can't air it later.
        """
        with self._adopting:
            self._timely, self._weather = timely, weather
            plan = self.plan
            if plan is None or (plan.timely, plan.weather) == (timely, weather):
                return
            self.plan = plan.model_copy(update={"timely": timely, "weather": weather})
            self._take(self.plan, self._since)
            self._keep()

    def retake(self) -> None:
        """Have the air look at the plan again: its notices changed."""
        with self._adopting:
            if self.plan is not None:
                self._take(self.plan, self._since)

    def time_believed(self) -> None:
        """The clock is right at last: what was due earlier than today by it is none of this run's."""
        with self._adopting:
            if self.plan is not None:
                now, tz = self._clock.now(), self.plan.station.tz
                midnight = now.astimezone(tz).replace(hour=0, minute=0, second=0, microsecond=0, fold=0).astimezone(UTC)
                self._since = min(max(self._since, midnight), now)
                self._take(self.plan, self._since)
                self._keep()

    def _progress(self, what: str, done: int, of: int) -> None:
        self.preparing = told(what, done, of)
        log.info("preparing %s", self.preparing)
        if self._stop.is_set():
            raise SystemExit
        if self._first_mark and self._files() != self._first_mark:
            raise _ChangedMeanwhile

    def _adopt(self, plan: Plan, since: datetime) -> None:
        self.plan, self._since = plan, since
        self.loaded_at = self._clock.now()
        decided("plan-taken", version=plan.version, since=since)
        self._take(plan, since)
