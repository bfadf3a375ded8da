"""Has the ear's process record the air, for as long as the daemon runs."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable
from dataclasses import asdict

from broadcaster.air_check.room import PART, AirCheckRoom
from broadcaster.clock import Clock
from broadcaster.ear.client import EarClient
from broadcaster.plan.plan import Plan
from broadcaster.settings import Home
from broadcaster.store.audit import AuditTrail

log = logging.getLogger(__name__)

LOOK_S = 1.0
"""So often it is seen whether plan or clock want it otherwise."""


def open_air_check(
    home: Home, clock: Clock, plan: Callable[[], Plan | None], trail: AuditTrail, ear: EarClient,
    parts: contextlib.ExitStack, *, rehearsal: bool,
) -> AirCheckRoom:  # fmt: skip
    """The record, written from now on until ``parts`` are closed."""
    room = AirCheckRoom(home, clock, plan, trail, rehearsal=rehearsal)
    ear.on_part(PART, room.told)
    closing = threading.Event()

    def follow() -> None:
        while True:
            try:
                ear.order(PART, asdict(room.orders()))
            except Exception:
                # The outermost turn of this thread: the air goes on without a record.
                log.exception("the ear can't be told what to record")
            if closing.wait(LOOK_S):
                return

    threading.Thread(target=follow, name="air-check", daemon=True).start()
    parts.callback(room.close)
    parts.callback(closing.set)
    return room
