"""Puts the ear together and starts it; everything that the daemon needs of it is here."""

from __future__ import annotations

import contextlib

from broadcaster.asrun.log import AsRunLog
from broadcaster.clock import Clock
from broadcaster.ear.listener import Listener
from broadcaster.plan.unattended_models import Ear
from broadcaster.playout.loop import ConductorLoop
from broadcaster.publishing.plan_keeper import PlanKeeper
from broadcaster.settings import Home


def open_ear(
    home: Home, clock: Clock, loop: ConductorLoop, keeper: PlanKeeper, asrun: AsRunLog, parts: contextlib.ExitStack
) -> Listener:
    """Start to listen, as the plan says, until ``parts`` are closed."""

    def settings() -> Ear | None:
        return keeper.plan.station.ear if keeper.plan else None

    listener = Listener(clock, settings, loop.on_air, loop.put, asrun, home.logs / "ear.log")
    listener.start()
    parts.callback(listener.stop)
    return listener
