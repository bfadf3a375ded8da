"""The conductor's pen: writes the as-run log, and never lets trouble with the log stop the air."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import TypeVar

from broadcaster.asrun.entries import Entry, Outcome
from broadcaster.asrun.log import AsRunLog, LeftOut
from broadcaster.clock import monotonic
from broadcaster.decisions import decided
from broadcaster.errors import BroadcasterError
from broadcaster.rundown.bed import BedItem
from broadcaster.rundown.events import Spot

log = logging.getLogger(__name__)

_T = TypeVar("_T")

CATCH_UP_MOST_S = 0.1

UNWRITTEN_MOST = 5000
"""Entries kept for a log that takes none: some days of them."""

TOLD_EACH = 3
"""More spots than these that are left out at once are one decision."""


class CallLine:
    """A line of the log that may still have to be written: then its number is not known yet."""

    def __init__(self) -> None:
        self.entry: int | None = None


class Journal:
    """Owned by the conductor's thread. ``trouble`` is the last error of the log, empty when it works.

    What could not be written is written later, in its order: a log that was locked for a while misses nothing.
    """

    def __init__(self, asrun: AsRunLog) -> None:
        self._asrun = asrun
        self.trouble = ""
        self.withheld: Callable[[], bool] = lambda: False
        """Whether the time is not to be believed: music that airs meanwhile is not written down."""
        self._unwritten: deque[Callable[[], object]] = deque(maxlen=UNWRITTEN_MOST)

    def _attempt(self, act: Callable[[], _T], instead: _T) -> _T:
        try:
            return act()
        except BroadcasterError as error:
            self._tell(error)
            return instead

    def _write(self, write: Callable[[], _T], instead: _T) -> _T:
        # Not past what still waits: an end must not be written before its beginning.
        if not self._unwritten:
            try:
                return write()
            except BroadcasterError as error:
                self._tell(error)
        self._unwritten.append(write)
        return instead

    def catch_up(self) -> None:
        """Write what could not be written before, as far as the log takes it now; the rest another time."""
        until = monotonic() + CATCH_UP_MOST_S
        while self._unwritten:
            if monotonic() > until:
                # The air goes first: on a slow disk each line takes a tenth of a second.
                return
            try:
                self._unwritten[0]()
            except BroadcasterError as error:
                self._tell(error)
                return
            self._unwritten.popleft()
        if self.trouble:
            log.warning("as-run log: it takes entries again")
        self.trouble = ""

    def _tell(self, error: BroadcasterError) -> None:
        if str(error) != self.trouble:
            log.error("as-run log: %s", error)
        self.trouble = str(error)

    def spots_of(self, day: date) -> dict[str, Entry]:
        """What became of a date's spots so far."""
        return self._attempt(lambda: self._asrun.spots_of(day), {})

    def arm(self, day: date, spot: Spot, armed_at: datetime) -> bool:
        """Take a spot on. False if it must not air (again).

        With the log out of order it may: silence would be the worse fault, and the conductor's memory still guards.
        """
        return self._write(
            lambda: self._asrun.arm_spot(
                date=day, spot_id=spot.id, kind=spot.kind, ref=spot.ref, title=spot.title.zh,
                planned_at=spot.at, armed_at=armed_at,
            ),
            True,
        )  # fmt: skip

    def spot_commanded(self, spot: Spot, at: datetime) -> None:
        """The spot is about to sound, its first sample at ``at``."""
        self._write(lambda: self._asrun.spot_started(spot.id, at), False)

    def spot_ended(self, spot_id: str, at: datetime, outcome: Outcome, reason: str) -> None:
        """The spot is over."""
        log.info("spot %s: %s %s", spot_id, outcome, reason)
        self._write(lambda: self._asrun.spot_ended(spot_id, at, outcome, reason), False)

    def spots_left_out(self, spots: Sequence[LeftOut]) -> None:
        """These spots do not air; all are written at once."""
        for one in spots if len(spots) <= TOLD_EACH else ():
            decided("spot-left-out", spot=one.spot_id, at_planned=one.planned_at, reason=one.reason)
        if len(spots) > TOLD_EACH:
            first, last = min(one.planned_at for one in spots), max(one.planned_at for one in spots)
            decided("spots-left-out", count=len(spots), first=first, last=last, reason=spots[-1].reason)
        self._write(lambda: self._asrun.skip_spots(spots), 0)

    def bed_started(self, item: BedItem, at: datetime, offset_s: float) -> int | None:
        """A track of the bed sounds; returns its number in the log."""
        day = date.fromisoformat(item.id[:10])
        log.info("bed %s: %s from %.1f s", item.id, item.track.file, offset_s)
        if self.withheld():
            return None
        return self._attempt(
            lambda: self._asrun.track_started(
                date=day, track=item.track.file, ref=item.playlist, title=item.track.title,
                planned_at=item.start, commanded_at=at,
            ),
            None,
        )  # fmt: skip

    def call_started(
        self, *, day: date, kind: str, track: str, ref: str, title: str, planned_at: datetime, at: datetime
    ) -> CallLine:
        """A recording of an emergency, or a live page, sounds."""
        log.info("%s %s: %s", kind, ref, title)
        line = CallLine()

        def write() -> None:
            line.entry = self._asrun.track_started(
                date=day, track=track, ref=ref, title=title, planned_at=planned_at, commanded_at=at, kind=kind
            )

        self._write(write, None)
        return line

    def call_ended(self, line: CallLine, at: datetime, outcome: Outcome, reason: str) -> None:
        """It sounds no more."""

        def write() -> None:
            if line.entry is not None:
                self._asrun.track_ended(line.entry, at, outcome, reason)

        self._write(write, None)

    def bed_ended(self, entry: int | None, at: datetime, outcome: Outcome, reason: str, item: BedItem) -> None:
        """A track of the bed sounds no more."""
        if entry is not None:
            self._write(lambda: self._asrun.track_ended(entry, at, outcome, reason), False)
        elif outcome is Outcome.FAILED:
            log.warning("bed %s never sounded: %s", item.id, reason)
