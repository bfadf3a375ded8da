"""What a start makes of the end before it: when the daemon was last alive, and what it left open in the log."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from pathlib import Path

from broadcaster.asrun.entries import CUT_OFF, Outcome
from broadcaster.asrun.log import AsRunLog
from broadcaster.errors import BroadcasterError
from broadcaster.settings import Home

log = logging.getLogger(__name__)

STAMP_EVERY_S = 1.0

LONGEST_SPOT = timedelta(hours=1)
"""Nothing that was commanded longer ago can still be taken up."""

COMMANDED_AHEAD = timedelta(seconds=1)
"""No spot is commanded longer before its instant: one further ahead was commanded by a clock that is no more."""

REHEARSAL_GAP = timedelta(minutes=2)


class AliveStamp:
    """The station's time, written to a file each second: after a crash it tells until when the air was on."""

    def __init__(self, home: Home, *, rehearsal: bool) -> None:
        self._path: Path = home.run / ("alive-rehearsal" if rehearsal else "alive")
        self._last: datetime | None = None

    def read(self) -> datetime | None:
        """The last stamp, if there is one."""
        try:
            return datetime.fromisoformat(self._path.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None

    def stamp(self, now: datetime) -> None:
        """Write the time, at most once a second. Not forced to the disk: half a sector a second would wear it."""
        if self._last is not None and abs((now - self._last).total_seconds()) < STAMP_EVERY_S:
            return
        self._last = now
        self._write(now)

    def _write(self, now: datetime) -> None:
        try:
            self._path.write_text(now.isoformat(), encoding="ascii")
        except OSError as error:
            log.warning("the alive stamp can't be written: %s", error)


def close_what_was_open(asrun: AsRunLog, alive: datetime | None, now: datetime) -> None:
    """End the log's open entries that can't go on. Spots that may still be joined are left to the conductor."""
    until = min(alive, now) if alive is not None else now
    set_back = alive is not None and alive > now
    try:
        tracks = asrun.close_open(until, CUT_OFF)
        if tracks:
            log.warning("the last run was cut off at %s", until.isoformat(timespec="seconds"))
        for entry in asrun.open_entries():
            if entry.spot_id is None:
                continue
            if entry.commanded_at is None:
                if now - entry.planned_at > LONGEST_SPOT:
                    asrun.spot_ended(entry.spot_id, until, Outcome.SKIPPED, CUT_OFF)
            elif set_back or now - entry.commanded_at > LONGEST_SPOT or entry.commanded_at - now > COMMANDED_AHEAD:
                # With the clock set back nobody knows how much of it was heard; it must not be heard again.
                asrun.spot_ended(entry.spot_id, max(until, entry.commanded_at), Outcome.PARTIAL, CUT_OFF)
    except BroadcasterError as error:
        log.error("the log's open entries can't be closed: %s", error)


def continues_rehearsal(alive: datetime | None, start: datetime) -> bool:
    """Whether a rehearsal goes on where one was cut off a moment ago, rather than beginning anew."""
    return alive is not None and timedelta() <= start - alive < REHEARSAL_GAP
