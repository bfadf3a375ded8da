"""What the desk's hand on the air asks of the others, and tells them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from broadcaster.asrun.entries import Entry
from broadcaster.errors import BroadcasterError, NotRunning
from broadcaster.plan.plan import Plan
from broadcaster.playout.interventions import Intervention, Interventions, day_of_target
from broadcaster.playout.on_air import OnAir
from broadcaster.rundown.events import Rundown

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reach:
    """May be shared by threads."""

    plan: Callable[[], Plan | None]
    """The plan on air."""
    on_air: Callable[[], OnAir | None]
    rundown: Callable[[Plan, date], Rundown]
    became: Callable[[date], Mapping[str, Entry]]
    """What the log says of a date's spots."""
    take: Callable[[Interventions], None]
    """Has the conductor know what people did; returns at once."""
    recompile: Callable[[], None]
    """Has the day compiled anew and put on air."""
    display: Callable[[str], str] = lambda name: name
    """An account's name as people know it."""
    preparing: Callable[[], bool] = lambda: False
    """Whether sound is still being made ready: what has none yet may get it."""
    failed: Callable[[], frozenset[str]] = frozenset
    """Scripts that were tried meanwhile, and could not be spoken."""

    def present_plan(self) -> Plan:
        """The plan on air. ``NotRunning`` without one."""
        plan = self.plan()
        if plan is None:
            raise NotRunning("还没有可播的计划 / no plan is on air yet")
        return plan

    def shown(self, by: str) -> str:
        """An account's name as people know it; as it is where nobody can tell."""
        try:
            return self.display(by)
        except BroadcasterError:
            return by

    def at_latest(self, known: Interventions, now: datetime) -> Interventions:
        """A clock that was set back ends nothing; what lasts some minutes does so as the conductor has it."""
        air = self.on_air()
        return (known.as_known(air.interventions) if air is not None else known).begun(now)

    def entries(self, on: date) -> Mapping[str, Entry]:
        """What the log says of a date's spots; nothing where it can't be read."""
        try:
            return self.became(on)
        except BroadcasterError as error:
            log.error("the log can't be read: %s", error)
            return {}

    def entry(self, one: Intervention) -> Entry | None:
        """What the log says of the spot that a skip or a play is about."""
        if one.kind == "insert":
            on = one.since.astimezone(self.present_plan().station.tz).date()
            mark = f"notice:desk-{one.id}/"
            return next((entry for name, entry in self.entries(on).items() if mark in name), None)
        found = day_of_target(one.target or "")
        return self.entries(found).get(one.target or "") if found is not None else None

    def next_programme(self, now: datetime) -> datetime:
        """When the programme of tomorrow begins, by the date and not by what of today is still to come.

        A day ahead where nobody can tell.
        """
        plan = self.plan()
        if plan is None:
            return now + timedelta(days=1)
        today = now.astimezone(plan.station.tz).date()
        for offset in range(1, 4):
            try:
                segments = self.rundown(plan, today + timedelta(days=offset)).segments
            except BroadcasterError as error:
                log.error("the day %s can't be compiled: %s", today + timedelta(days=offset), error)
                continue
            if segments:
                return segments[0].start
        return now + timedelta(days=1)
