"""Writes what was heard into the as-run log, from a thread of its own: a locked log holds up nobody."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from broadcaster.asrun.log import AsRunLog
from broadcaster.clock import monotonic
from broadcaster.errors import BroadcasterError

log = logging.getLogger(__name__)

MOST = 5000
"""Words kept for a log that takes none: some days of them."""

AGAIN_S = 2.0
ENTRY_WAIT_S = 3600.0
"""An entry that the conductor could not write yet is waited for so long."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What the ear has to say of an entry: its number, or its spot's id."""

    entry: int | str
    heard_at: datetime | None = None
    loudness_lufs: float | None = None
    heard_by: Literal["ear", "player"] | None = None


class HeardWriter:
    """:meth:`put` never waits. What the log does not take is tried again."""

    def __init__(self, asrun: AsRunLog, mono: Callable[[], float] = monotonic) -> None:
        self._asrun = asrun
        self._mono = mono
        self._pending: deque[tuple[Heard, float]] = deque(maxlen=MOST)
        """With the instant from which it is given up."""
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._trouble = ""
        self._thread = threading.Thread(target=self._run, name="heard", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def put(self, heard: Heard) -> None:
        """Have it written, soon."""
        self._pending.append((heard, self._mono() + ENTRY_WAIT_S))
        self._wake.set()

    def stop(self, within_s: float = 2.0) -> None:
        """Write what can be written, for no longer than ``within_s`` seconds."""
        self._stop.set()
        self._wake.set()
        self._thread.join(within_s)

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            try:
                done = self.write_all()
            except Exception:
                # The outermost turn: the next word is tried all the same.
                log.exception("what was heard was not written")
                done = False
            if self._stop.is_set():
                return
            if not done:
                self._stop.wait(AGAIN_S)
                self._wake.set()

    def write_all(self) -> bool:
        """Write all that the log takes now; False if something is left."""
        left: list[tuple[Heard, float]] = []
        while self._pending:
            one, limit = self._pending.popleft()
            try:
                written = self._asrun.heard(
                    one.entry, one.heard_at, one.loudness_lufs, heard_by=one.heard_by
                )  # fmt: skip
            except BroadcasterError as error:
                if str(error) != self._trouble:
                    self._trouble = str(error)
                    log.error("what was heard can't be written: %s", error)
                left.append((one, limit))
                break
            self._trouble = ""
            if not written and self._mono() < limit:
                left.append((one, limit))
        self._pending.extendleft(reversed(left))
        return not left
