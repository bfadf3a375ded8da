"""Puts together who answers ``why``: for the daemon, and for a command without one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from broadcaster.asrun.log import AsRunLog
from broadcaster.clock import Clock
from broadcaster.playout.interventions import Interventions
from broadcaster.publishing.almanac import Almanac
from broadcaster.publishing.publish import Publisher
from broadcaster.reports.explaining import Explainer
from broadcaster.reports.plan_then import PlansThen
from broadcaster.rooms.at_hand import hands_around
from broadcaster.settings import Home
from broadcaster.store.alerts import AlertRows
from broadcaster.store.database import Database
from broadcaster.store.plan_versions import PlanVersions

RECENT = timedelta(hours=12)
"""So far back the air's own knowledge of what people did reaches for certain."""


def open_explainer(
    home: Home, clock: Clock, almanac: Almanac, log: AsRunLog, office: Database, publisher: Publisher,
    name_of: Callable[[str], str], recent: Callable[[], Interventions] | None = None,
) -> Explainer:  # fmt: skip
    """``name_of``: by what name people know an account. ``recent``: what the air knows of the desk's deeds."""

    def hands(instant: datetime) -> Interventions:
        if recent is not None and abs(clock.now() - instant) < RECENT:
            return recent()
        return hands_around(office, log.zone, instant)

    plans = PlansThen(home, PlanVersions(office, clock), publisher, name_of)
    return Explainer(home, clock, almanac, log, plans=plans, alerts=AlertRows(office, log.zone), hands=hands)
