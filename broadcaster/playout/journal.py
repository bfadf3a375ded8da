"""The conductor's pen: writes the as-run log on a thread of its own, so that neither a slow nor a broken log holds up
the air."""

from __future__ import annotations

import logging
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import wait as wait_for
from datetime import date, datetime
from queue import SimpleQueue
from typing import Generic, TypeVar

from broadcaster.asrun.entries import Entry, Outcome
from broadcaster.asrun.log import AsRunLog, LeftOut
from broadcaster.clock import monotonic
from broadcaster.decisions import decided
from broadcaster.errors import BroadcasterError
from broadcaster.rundown.bed import BedItem
from broadcaster.rundown.events import Spot

log = logging.getLogger(__name__)

_T = TypeVar("_T")

WAIT_S = 0.05
"""The conductor waits this long at most for what it writes: most lines take a few milliseconds, but one that falls
together with the disk's other work took 0.64 s (``bench/run``), and a spot began so much late."""

SLOW_S = 5.0
"""A log that takes a line no sooner is in trouble."""

CLOSE_S = 4.0
"""So long the program's end waits for what is still to be written."""

AGAIN_S = 0.1
"""At the end a log that refuses is asked again so soon."""

UNWRITTEN_MOST = 5000
"""Entries kept for a log that takes none: some days of them."""

TOLD_EACH = 3
"""More spots than these that are left out at once are one decision."""


class Line(Generic[_T]):
    """One thing to be written. ``told`` is the log's answer, the assumed one until it is ``written``."""

    def __init__(self, write: Callable[[], _T], assumed: _T) -> None:
        self._write = write
        self._since = monotonic()
        self.told = assumed
        self.written = False

    def waits_s(self) -> float:
        """Seconds since it was to be written."""
        return monotonic() - self._since

    def write(self) -> None:
        """Write it, on the pen's thread. Raises what the log raises."""
        self.told = self._write()
        self.written = True


class TrackLine:
    """A track's entry in the log; its number is known once its beginning is written."""

    def __init__(self, *, withheld: bool = False) -> None:
        self.entry: int | None = None
        self.withheld = withheld
        """Whether it is not to be in the log at all."""


class Journal:
    """Used by the conductor's thread. What it writes is on disk within milliseconds, or later, in its order.

    A turn waits ``wait_s`` for it and then goes on: a log that was slow or locked for a while misses nothing.
    """

    def __init__(self, asrun: AsRunLog, *, wait_s: float = WAIT_S) -> None:
        self._asrun = asrun
        self._wait_s = wait_s
        self._jobs: SimpleQueue[tuple[Future[None], Callable[[], None]] | None] = SimpleQueue()
        self._work_done: Future[None] | None = None
        self._lines: deque[Line[object]] = deque()
        self._lock = threading.Lock()
        self._error = ""
        self.withheld: Callable[[], bool] = lambda: False
        """Whether the time is not to be believed: music that airs meanwhile is not written down."""

    @property
    def trouble(self) -> str:
        """The last error of the log, or that it is slow; empty when it works."""
        if self._error:
            return self._error
        with self._lock:
            waits_s = self._lines[0].waits_s() if self._lines else 0.0
        return f"日志 {waits_s:.0f} 秒没有写下 / not written for {waits_s:.0f} s" if waits_s > SLOW_S else ""

    # --- the pen

    def _put(self, write: Callable[[], _T], assumed: _T) -> Line[_T]:
        line = Line(write, assumed)
        with self._lock:
            behind = bool(self._lines)
            self._lines.append(line)  # type: ignore[arg-type]
            if len(self._lines) > UNWRITTEN_MOST:
                self._lines.popleft()
                log.error("as-run log: it took nothing for so long that an entry was lost")
        # Behind others it is written after them, by the pen that is at work or by the next one to try.
        if not behind:
            self._have_written(self._wait_s)
        return line

    def _have_written(self, wait_s: float) -> None:
        if self._work_done is None:
            # No executor: its thread is waited for when the program ends, and a disk may hang for ever.
            threading.Thread(target=_write_for, args=(self._jobs,), name="as-run-log", daemon=True).start()
            weakref.finalize(self, self._jobs.put, None)
        self._work_done = work = Future[None]()
        self._jobs.put((work, self._work))
        if wait_for([work], wait_s).done:
            work.result()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._lines:
                    break
                line = self._lines[0]
            try:
                line.write()
            except BroadcasterError as error:
                self._tell(error)
                return
            except Exception:
                # A line that no log takes must not stand in the way of all others.
                log.exception("as-run log: a line was not written")
            self._done(line)
        if self._error:
            log.warning("as-run log: it takes entries again")
        self._error = ""

    def _done(self, line: Line[object]) -> None:
        with self._lock:
            if self._lines and self._lines[0] is line:
                self._lines.popleft()

    def catch_up(self) -> None:
        """After an error: try again to write what could not be written."""
        if self._work_done is None or self._work_done.done():
            self._have_written(self._wait_s)

    def close(self) -> None:
        """Write what is left, as far as the log takes it within :data:`CLOSE_S`."""
        until = monotonic() + CLOSE_S
        while True:
            self._have_written(max(0.0, until - monotonic()))
            with self._lock:
                left = len(self._lines)
            if not left or monotonic() > until:
                break
            time.sleep(AGAIN_S)
        if left:
            log.error("as-run log: %d entries could not be written", left)

    def _tell(self, error: BroadcasterError) -> None:
        if str(error) != self._error:
            log.error("as-run log: %s", error)
        self._error = str(error)

    # --- what is written

    def spots_of(self, day: date) -> dict[str, Entry]:
        """What became of a date's spots so far, as far as it is written."""
        try:
            return self._asrun.spots_of(day)
        except BroadcasterError as error:
            self._tell(error)
            return {}

    def arm(self, day: date, spot: Spot, armed_at: datetime) -> Line[bool]:
        """Take a spot on. The log tells False if it must not air (again).

        With the log out of order it may: silence would be the worse fault, and the conductor's memory still guards.
        """
        return self._put(
            lambda: self._asrun.arm_spot(
                date=day, spot_id=spot.id, kind=spot.kind, ref=spot.ref, title=spot.title.zh,
                planned_at=spot.at, armed_at=armed_at,
            ),
            True,
        )  # fmt: skip

    def spot_commanded(self, spot: Spot, at: datetime) -> Line[bool]:
        """The spot is about to sound, its first sample at ``at``."""
        return self._put(lambda: self._asrun.spot_started(spot.id, at), False)

    def spot_ended(self, spot_id: str, at: datetime, outcome: Outcome, reason: str) -> None:
        """The spot is over."""
        log.info("spot %s: %s %s", spot_id, outcome, reason)
        self._put(lambda: self._asrun.spot_ended(spot_id, at, outcome, reason), False)

    def spots_left_out(self, spots: Sequence[LeftOut]) -> None:
        """These spots do not air; all are written at once."""
        for one in spots if len(spots) <= TOLD_EACH else ():
            decided("spot-left-out", spot=one.spot_id, at_planned=one.planned_at, reason=one.reason)
        if len(spots) > TOLD_EACH:
            first, last = min(one.planned_at for one in spots), max(one.planned_at for one in spots)
            decided("spots-left-out", count=len(spots), first=first, last=last, reason=spots[-1].reason)
        self._put(lambda: self._asrun.skip_spots(spots), 0)

    def bed_started(self, item: BedItem, at: datetime, offset_s: float) -> TrackLine:
        """A track of the bed sounds."""
        day = date.fromisoformat(item.id[:10])
        log.info("bed %s: %s from %.1f s", item.id, item.track.file, offset_s)
        if self.withheld():
            return TrackLine(withheld=True)
        return self._track_started(
            day=day, track=item.track.file, ref=item.playlist, title=item.track.title, planned_at=item.start, at=at
        )

    def bed_ended(self, line: TrackLine | None, at: datetime, outcome: Outcome, reason: str, item: BedItem) -> None:
        """A track of the bed sounds no more; it has no line if it never did."""
        if line is not None:
            self._track_ended(line, at, outcome, reason)
        elif outcome is Outcome.FAILED:
            log.warning("bed %s never sounded: %s", item.id, reason)

    def call_started(
        self, *, day: date, kind: str, track: str, ref: str, title: str, planned_at: datetime, at: datetime
    ) -> TrackLine:
        """A recording of an emergency, or a live page, sounds."""
        log.info("%s %s: %s", kind, ref, title)
        return self._track_started(day=day, track=track, ref=ref, title=title, planned_at=planned_at, at=at, kind=kind)

    def call_ended(self, line: TrackLine, at: datetime, outcome: Outcome, reason: str) -> None:
        """It sounds no more."""
        self._track_ended(line, at, outcome, reason)

    def _track_started(
        self, *, day: date, track: str, ref: str, title: str, planned_at: datetime, at: datetime, kind: str = "bed"
    ) -> TrackLine:
        line = TrackLine()

        def write() -> None:
            line.entry = self._asrun.track_started(
                date=day, track=track, ref=ref, title=title, planned_at=planned_at, commanded_at=at, kind=kind
            )

        self._put(write, None)
        return line

    def _track_ended(self, line: TrackLine, at: datetime, outcome: Outcome, reason: str) -> None:
        def write() -> None:
            if line.entry is not None:
                self._asrun.track_ended(line.entry, at, outcome, reason)

        if not line.withheld:
            self._put(write, None)


def _write_for(jobs: SimpleQueue[tuple[Future[None], Callable[[], None]] | None]) -> None:
    """Body of the pen's thread, which ends when its journal is gone: it must not hold it."""
    while (job := jobs.get()) is not None:
        done, work = job
        try:
            work()
        except BaseException as error:
            # Told to who waits, as if it had written by itself.
            done.set_exception(error)
        else:
            done.set_result(None)
        del job, done, work
