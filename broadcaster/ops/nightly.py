"""Once a night: the database is read through, caches are tidied, some of the recordings are compared with what they
were when they were made, and old records go to the archive. A night that was missed, for the PC was off, is made up for
after the next start."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

from broadcaster.clock import Clock, monotonic
from broadcaster.decisions import decided
from broadcaster.errors import BroadcasterError
from broadcaster.media.verifying import is_as_made
from broadcaster.ops.causes import Cause, cause
from broadcaster.plan.plan import Plan
from broadcaster.settings import Home, write_whole
from broadcaster.store.integrity import Examined, examine_beside

log = logging.getLogger(__name__)

SETTLE_S = 600.0
"""After a start the air comes first."""
NIGHTS = 7
"""In so many nights each recording is read once."""


class Nightly:
    """:meth:`look` is called each minute; the work is done in a thread of its own."""

    def __init__(
        self, home: Home, clock: Clock, plan: Callable[[], Plan | None], *, database: Path | None,
        pinned: Callable[[], Collection[str]], tidy: Callable[[], None], renew: Callable[[], None],
        retire: Callable[[], None] = lambda: None, settle_s: float = SETTLE_S,
    ) -> None:  # fmt: skip
        self._home = home
        self._clock = clock
        self._plan = plan
        self._database = database
        self._pinned = pinned
        self._tidy = tidy
        self._renew = renew
        self._retire = retire
        self._not_before = monotonic() + settle_s
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._done = self._read()
        self.faults: tuple[str, ...] = ()
        """What the database was found to have, at the last look."""
        self.last: Examined | None = None

    @property
    def _state(self) -> Path:
        return self._home.run / "nightly.json"

    def _read(self) -> date | None:
        try:
            return date.fromisoformat(json.loads(self._state.read_text("utf-8"))["night"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def look(self) -> None:
        """Begin if it is due."""
        plan = self._plan()
        if plan is None or monotonic() < self._not_before or (self._thread is not None and self._thread.is_alive()):
            return
        night = due(self._clock.now().astimezone(plan.station.tz), plan.station.upkeep.at)
        if self._done is not None and night <= self._done:
            return
        self._done = night
        self._thread = threading.Thread(target=self._run, args=(night,), name="nightly", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Leave off before the next recording."""
        self._stop.set()

    def join(self) -> None:
        """Until what was begun is done."""
        if self._thread is not None:
            self._thread.join()

    def _run(self, night: date) -> None:
        for part in (self._examine, self._tidy, lambda: self._compare(night), self._retire):
            try:
                part()
            except BroadcasterError as error:
                log.error("nightly: %s", error)
            except Exception:
                # The outermost turn of this thread: one part that fails must not cost the others.
                log.exception("nightly work failed")
        try:
            write_whole(self._state, json.dumps({"night": night.isoformat()}), durable=False)
        except OSError as error:
            log.warning("%s can't be written: %s", self._state, error)

    def _examine(self) -> None:
        if self._database is None:
            return
        found = self.last = examine_beside(self._database)
        self.faults = found.faults
        decided(
            "database-examined", ok=found.ok, faults=len(found.faults), first=next(iter(found.faults), None),
            seconds=found.seconds, size_mb=found.bytes / 1e6, tidied=found.tidied,
        )  # fmt: skip

    def _compare(self, night: date) -> None:
        """Those whose turn it is, one after another; a damaged one goes, and is made anew."""
        turn = night.toordinal() % NIGHTS
        mine = [name for name in sorted(self._pinned()) if sum(name.encode()) % NIGHTS == turn]
        damaged = 0
        for name in mine:
            if self._stop.is_set():
                return
            wav = self._home.media / f"{name}.wav"
            if is_as_made(wav, pause=self._stop.wait) is not False:
                continue
            damaged += 1
            decided("recording-damaged", file=wav.name)
            for path in (wav.with_suffix(".json"), wav):
                path.unlink(missing_ok=True)
        decided("recordings-compared", count=len(mine), damaged=damaged)
        if damaged:
            self._renew()

    def causes(self, now: datetime) -> Sequence[Cause]:
        """See :class:`broadcaster.ops.causes.Source`."""
        if not self.faults:
            return ()
        first = self.faults[0]
        return (cause("integrity", f"数据库有 {len(self.faults)} 处损坏:{first}", f"the database is damaged: {first}"),)


def due(now: datetime, at_s: float) -> date:
    """The night whose hour came last. ``now`` in the store's time; ``at_s`` in seconds from midnight."""
    clock_s = now.hour * 3600 + now.minute * 60 + now.second
    return now.date() if clock_s >= at_s else now.date() - timedelta(days=1)
