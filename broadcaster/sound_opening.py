"""Puts together what keeps the sound up: the output's device, the fallback music, and the trust in the clock."""

from __future__ import annotations

import contextlib
import logging
from datetime import datetime

from broadcaster.asrun.log import AsRunLog
from broadcaster.clock import Clock
from broadcaster.clock_trust import ClockTrust, floor_of
from broadcaster.errors import BroadcasterError
from broadcaster.fallback_music import FallbackMusic
from broadcaster.plan.files import read
from broadcaster.playout.loop import ConductorLoop
from broadcaster.playout.outputs import DEFAULT
from broadcaster.recovery import AliveStamp
from broadcaster.settings import Home

log = logging.getLogger(__name__)


def wanted_output(home: Home) -> str:
    """The device of ``config/station.yaml``, for the engine that is started before the plan is read."""
    document, _ = read(home.root / "config" / "station.yaml", "config/station.yaml")
    sound = document.content.get("sound") if document else None
    device = sound.get("output") if isinstance(sound, dict) else None
    return device if isinstance(device, str) and device else DEFAULT


def open_fallback(home: Home, loop: ConductorLoop, parts: contextlib.ExitStack) -> None:
    """Have the built-in music ready for the conductor; made in the background where it is missing."""
    music = FallbackMusic(home, lambda tracks: loop.put(lambda conductor: conductor.take_fallback(tracks)))
    music.start()
    parts.callback(music.stop)


def open_clock_trust(
    home: Home, clock: Clock, alive: AliveStamp, asrun: AsRunLog, parts: contextlib.ExitStack, *, rehearsal: bool
) -> ClockTrust:
    """Hold the clock against what is known; :meth:`ClockTrust.start` is the caller's."""
    floor = None if rehearsal else floor_of(home, alive.read(), _latest(asrun))
    trust = ClockTrust(home, clock, floor, rehearsal=rehearsal)
    parts.callback(trust.stop)
    return trust


def _latest(asrun: AsRunLog) -> datetime | None:
    try:
        return asrun.latest()
    except BroadcasterError as error:
        log.warning("the log can't tell its last instant: %s", error)
        return None
