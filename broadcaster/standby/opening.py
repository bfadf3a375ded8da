"""Builds this PC's part in a pair, if it has one."""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from pydantic import ValidationError

from broadcaster.calls.desk import CallDesk
from broadcaster.clock import Clock, SystemClock
from broadcaster.errors import BroadcasterError
from broadcaster.plan.files import read
from broadcaster.plan.plan import Plan
from broadcaster.plan.unattended_models import Standby
from broadcaster.playout.gate import OPEN, Gate
from broadcaster.playout.loop import ConductorLoop
from broadcaster.publishing.almanac import Almanac
from broadcaster.publishing.plan_keeper import PlanKeeper
from broadcaster.rooms.air_desk import AirDesk
from broadcaster.rundown.bed import bed_between
from broadcaster.rundown.events import Rundown
from broadcaster.settings import Home, write_whole
from broadcaster.standby.clock import FollowingClock
from broadcaster.standby.room import StandbyRoom
from broadcaster.store.database import Database

log = logging.getLogger(__name__)

LOOK_AHEAD = timedelta(seconds=60)
"""A joint of two tracks, or a planned silence, is waited for so long."""
LONGEST_WAIT = timedelta(minutes=15)
CLEAR = timedelta(seconds=3)
"""Before and after the instant nobody speaks."""
STEP = timedelta(seconds=1)
ONE_DAY = timedelta(days=1)


def standby_rules(home: Home) -> Standby | None:
    """This PC's part, None where it is alone.

    ``var/standby.json`` goes before ``config/station.yaml``: the second PC has that file from the main one, and would
    read there that it is the main PC. What the second was first told in its own file is put down there.
    """
    path = home.var / "standby.json"
    damaged = False
    try:
        return Standby.model_validate_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        pass
    except (OSError, ValidationError, ValueError) as error:
        log.error("%s can't be used: %s", path, error)
        damaged = True
    document, _ = read(home.root / "config" / "station.yaml", "config/station.yaml")
    told = document.content.get("standby") if document is not None else None
    if not told:
        return None
    try:
        rules = Standby.model_validate(told)
        if damaged:
            # Only the second has that file; what is told here was told to the main PC. Two main PCs would both sound.
            return rules.model_copy(update={"role": "second"})
        if rules.role == "second":
            write_whole(path, json.dumps(rules.model_dump(mode="json"), ensure_ascii=False))
            path.chmod(0o600)
    except (ValidationError, OSError) as error:
        # The plan's check tells it in words; until then this PC is alone.
        log.error("standby: %s", error)
        return None
    return rules


def clock_of(rules: Standby | None) -> Clock:
    """The clock of the station: the second PC's goes by the main one's."""
    return FollowingClock() if rules is not None and rules.role == "second" else SystemClock()


def gate_of(rules: Standby | None) -> Gate:
    """Before anybody was asked, one of two is silent."""
    return Gate(open=False) if rules is not None else OPEN


def open_standby(
    home: Home, clock: Clock, rules: Standby | None, database: Database, zone: str, loop: ConductorLoop,
    keeper: PlanKeeper, almanac: Almanac, air_desk: AirDesk, calls: CallDesk, parts: contextlib.ExitStack,
) -> StandbyRoom | None:  # fmt: skip
    """Start it. None for a PC that is alone."""
    if rules is None:
        return None

    def take_gate(gate: Gate) -> None:
        loop.put(lambda conductor: conductor.take_gate(gate))

    def best(earliest: datetime) -> datetime | None:
        plan = keeper.plan
        return best_instant(plan, almanac, earliest) if plan is not None else earliest

    def renew(tables: Sequence[str]) -> None:
        log.info("from the main PC: %s", ", ".join(tables))
        if "interventions" in tables:
            air_desk.reload()
            calls.reload()
        almanac.forget()
        keeper.retake()

    def renew_days() -> None:
        almanac.forget(history=True)
        keeper.retake()

    room = StandbyRoom(home, clock, rules, database, zone, take_gate, loop.on_air, best, renew, renew_days)
    room.start()
    parts.callback(room.stop)
    return room


def best_instant(plan: Plan, almanac: Almanac, earliest: datetime) -> datetime | None:
    """Where two PCs change over with least to be heard: where a track begins, or in silence; never in a spot.

    Within a minute of ``earliest``; else the first instant at which nobody speaks.
    """
    try:
        days = _days(plan, almanac, earliest)
    except BroadcasterError as error:
        log.warning("no instant can be chosen: %s", error)
        return earliest
    items = [item for day in days for item in bed_between(plan, day, earliest, earliest + LOOK_AHEAD)]
    joints = [item.start for item in items if item.start >= earliest]
    steps = int(LOOK_AHEAD / STEP)
    quiet = [
        at
        for at in (earliest + n * STEP for n in range(steps))
        if not any(item.start < at + CLEAR and at - CLEAR < item.end for item in items)
    ]
    for at in sorted([*joints, *quiet]):
        if _nobody_speaks(days, at):
            return at
    return next(
        (at for at in (earliest + n * STEP for n in range(int(LONGEST_WAIT / STEP))) if _nobody_speaks(days, at)), None
    )


def _days(plan: Plan, almanac: Almanac, at: datetime) -> list[Rundown]:
    tz = plan.station.tz
    dates = {(at - ONE_DAY).astimezone(tz).date(), at.astimezone(tz).date(), (at + LONGEST_WAIT).astimezone(tz).date()}
    return [almanac.rundown(plan, on) for on in sorted(dates)]


def _nobody_speaks(days: Sequence[Rundown], at: datetime) -> bool:
    return not any(
        spot.at - CLEAR < at < spot.at + timedelta(seconds=spot.duration_s) + CLEAR
        for day in days
        for spot in day.spots
    )
