"""The calls in the database: written when it takes them, and what it does not take is kept until it does."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from broadcaster.air_desk import UNSAVED
from broadcaster.at_hand import intervention
from broadcaster.clock import Clock
from broadcaster.errors import BroadcasterError, StoreError
from broadcaster.playout.interventions import CALLS, Intervention
from broadcaster.store.audit import AuditTrail
from broadcaster.store.database import Database
from broadcaster.store.interventions import InterventionRows

log = logging.getLogger(__name__)


class CallRows:
    """To be used under the desk's lock."""

    def __init__(self, database: Database, clock: Clock, zone: str) -> None:
        self._rows = InterventionRows(database, zone)
        self._trail = AuditTrail(database, clock)
        self._clock = clock
        self._waiting: list[Callable[[], object]] = []
        """What the database has not taken yet, in order."""

    def open(self) -> list[Intervention]:
        """The calls that nobody ended. ``StoreError``."""
        stored = self._rows.since(self._clock.now() - timedelta(days=2))
        return [intervention(one) for one in stored if one.kind in CALLS and one.ended_at is None]

    def add(self, one: Intervention, instead_of: tuple[int, ...], where: str) -> int:
        """Its number. ``StoreError``."""
        return self._rows.add(
            one.kind, one.target, one.params, since=one.since, until=one.until, who=one.who, reason=one.reason,
            where=where, instead_of=instead_of,
        )  # fmt: skip

    def end(self, one: Intervention, at: datetime, by: str, where: str) -> None:
        """It is over; if that can't be written now, later."""
        if one.id >= UNSAVED:
            # Its writing still waits, and will see that it is over.
            return

        def write() -> None:
            self._rows.end(one.id, at=at, who=by, where=where)

        try:
            write()
        except StoreError as error:
            log.error("the end of a call can't be written: %s", error)
            self.later(write)

    def later(self, write: Callable[[], object]) -> None:
        """To be written when the database takes it. ``write`` raises ``StoreError`` while it does not."""
        self._waiting.append(write)

    def catch_up(self) -> None:
        """Write what waits, as far as it is taken."""
        while self._waiting:
            try:
                self._waiting[0]()
            except StoreError as error:
                log.warning("a call can't be written yet: %s", error)
                return
            self._waiting.pop(0)

    def audit(self, what: str, by: str, where: str, one: Intervention, reason: str) -> None:
        """Note in the trail something that is no deed of its own."""
        try:
            detail = {"target": one.target, "reason": reason}
            self._trail.record(who=by, what=what, detail=detail, where=where, subject=f"air-{one.id}")
        except BroadcasterError as error:
            log.error("%s by %s can't be written: %s", what, by, error)
