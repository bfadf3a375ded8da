"""The calls in the database: written when it takes them, and what it does not take is kept until it does.

Never under the desk's lock: a database may be locked for many seconds, and a second call must not wait for the first
one's line.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

from broadcaster.clock import Clock
from broadcaster.errors import BroadcasterError, StoreError
from broadcaster.playout.interventions import CALLS, Intervention
from broadcaster.rooms.air_desk import UNSAVED
from broadcaster.rooms.at_hand import intervention
from broadcaster.store.audit import AuditTrail
from broadcaster.store.database import Database
from broadcaster.store.interventions import InterventionRows

log = logging.getLogger(__name__)

AGAIN_S = 2.0
"""What could not be written is tried again so often."""


class CallRows:
    """May be shared by threads. From :meth:`start` on a thread of its own writes; before, :meth:`settle` does."""

    def __init__(self, database: Database, clock: Clock, zone: str) -> None:
        self._rows = InterventionRows(database, zone)
        self._trail = AuditTrail(database, clock)
        self._clock = clock
        self._waiting: deque[Callable[[], object]] = deque()
        """What the database has not taken yet, in order."""
        self._pen = threading.Lock()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def open(self) -> list[Intervention]:
        """The calls that nobody ended. ``StoreError``."""
        stored = self._rows.since(self._clock.now() - timedelta(days=2))
        return [intervention(one) for one in stored if one.kind in CALLS and one.ended_at is None]

    def add(self, one: Intervention, instead_of: tuple[int, ...], where: str) -> int:
        """Its number. ``StoreError``; waits for the database."""
        return self._rows.add(
            one.kind, one.target, one.params, since=one.since, until=one.until, who=one.who, reason=one.reason,
            where=where, instead_of=instead_of,
        )  # fmt: skip

    # --- what returns at once

    def end(self, one: Intervention, at: datetime, by: str, where: str) -> None:
        """It is over. Of one that is not written yet whoever writes it must say so."""
        if one.id < UNSAVED:
            self.later(lambda: self._rows.end(one.id, at=at, who=by, where=where))

    def audit(self, what: str, by: str, where: str, one: Intervention, reason: str) -> None:
        """Note in the trail something that is no deed of its own."""
        detail = {"title": one.params.get("title_zh") if one.target else None, "target": one.target, "reason": reason}
        self.later(lambda: self._trail.record(who=by, what=what, detail=detail, where=where, subject=f"air-{one.id}"))

    def later(self, write: Callable[[], object]) -> None:
        """To be written when the database takes it. ``write`` raises ``StoreError`` while it does not."""
        self._waiting.append(write)

    # --- what waits

    def settle(self, within_s: float) -> None:
        """Have it written now; with a thread of its own it is waited for no longer than this."""
        if self._thread is None:
            self.catch_up()
            return
        done = threading.Event()
        if within_s > 0:
            self.later(done.set)
        self._wake.set()
        if within_s > 0:
            done.wait(within_s)

    def catch_up(self) -> None:
        """Write what waits, as far as it is taken."""
        with self._pen:
            while self._waiting:
                try:
                    self._waiting[0]()
                except StoreError as error:
                    log.error("a call can't be written yet: %s", error)
                    return
                except BroadcasterError as error:
                    log.error("a call can't be written: %s", error)
                self._waiting.popleft()

    def start(self) -> None:
        """Begin to write by itself."""
        self._thread = threading.Thread(target=self._run, name="calls-log", daemon=True)
        self._thread.start()

    def stop(self, within_s: float = 2.0) -> None:
        """Write what can be written, and end."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(within_s)

    def _run(self) -> None:
        while True:
            self._wake.wait(AGAIN_S)
            self._wake.clear()
            try:
                self.catch_up()
            except Exception:
                # The outermost turn: what nobody foresaw must not keep the rest from being written.
                log.exception("a call was not written")
                self._waiting.popleft()
            if self._stop.is_set():
                return
