"""Builds everything that calls go through, and starts it."""

from __future__ import annotations

import contextlib

from broadcaster.calls.desk import CallDesk
from broadcaster.calls.fire_input import FireWatch
from broadcaster.calls.live_page import LivePages
from broadcaster.calls.spool import CallSpool
from broadcaster.clock import Clock
from broadcaster.media.library import Library
from broadcaster.plan.station_models import Station
from broadcaster.playout.interventions import Intervention
from broadcaster.playout.loop import ConductorLoop
from broadcaster.rooms.air_reach import Reach
from broadcaster.settings import Home
from broadcaster.store.database import Database


def open_calls(
    home: Home, office: Database, clock: Clock, reach: Reach, loop: ConductorLoop, library: Library,
    parts: contextlib.ExitStack, *, zone: str,
) -> CallDesk:  # fmt: skip
    """The calls, with what an earlier run left handed to the conductor. Before the first plan: it goes on at once."""

    def take(calls: tuple[Intervention, ...]) -> None:
        loop.put(lambda conductor: conductor.take_calls(calls))

    def station() -> Station | None:
        plan = reach.plan()
        return plan.station if plan is not None else None

    desk = CallDesk(office, clock, reach, take, LivePages(home, library), zone=zone)
    desk.load()
    watch = FireWatch(station, desk.fire, desk.fire_trouble)
    for part in (desk, watch, CallSpool(home, desk)):
        part.start()
        parts.callback(part.stop)
    return desk
