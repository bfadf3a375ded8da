"""Puts the alerts together and starts them; everything that the daemon needs of them is here."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Sequence
from datetime import UTC, tzinfo

from broadcaster.clock import Clock
from broadcaster.ops.alert_keeper import AlertKeeper, Reach
from broadcaster.ops.alert_log import AlertLog
from broadcaster.ops.alert_words import Sender
from broadcaster.ops.causes import Source
from broadcaster.ops.heartbeat import HeartbeatSender
from broadcaster.plan.models import Page, Station
from broadcaster.plan.unattended_models import Alerts, Heartbeat
from broadcaster.publishing.plan_keeper import PlanKeeper
from broadcaster.publishing.station_file import StationFile
from broadcaster.settings import Home
from broadcaster.station.watch import StationWatch
from broadcaster.store.alerts import AlertRows
from broadcaster.store.database import Database


def open_alerts(
    home: Home, clock: Clock, keeper: PlanKeeper, database: Database, watch: StationWatch, sources: Sequence[Source],
    parts: contextlib.ExitStack, *, zone: str, rehearsal: bool, host: str | None = None, port: int | None = None,
    has_air: Callable[[], bool] = lambda: True,
) -> AlertKeeper:  # fmt: skip
    """Start to look after ``watch`` and ``sources``, and the heartbeat, until ``parts`` are closed.

    A rehearsal tells nobody. ``host`` and ``port`` are the command's, which stand before the plan's.
    """

    file = StationFile(home)

    def present() -> Station | None:
        # A plan that never gets on air is the very thing that somebody should be told.
        return keeper.plan.station if keeper.plan else file.station()

    def settings() -> Alerts | None:
        station = present()
        return station.alerts if station is not None else None

    def sender() -> Sender:
        station = present()
        if station is None:
            return Sender("", "", zone, UTC)
        return Sender(
            station.name.zh, station.name.text("en"), zone, station.tz, page_address(station.page, host, port)
        )

    def heartbeat() -> Heartbeat | None:
        found = settings()
        return found.heartbeat if found is not None else None

    def tz() -> tzinfo:
        station = present()
        return station.tz if station is not None else UTC

    reach = Reach(settings, sender, tz, has_air)
    alerts = AlertKeeper(clock, reach, AlertLog(AlertRows(database, zone)), rehearsal=rehearsal)
    for source in (watch, *sources):
        alerts.watch(source)
    alerts.start()
    parts.callback(alerts.stop)
    if not rehearsal:
        beat = HeartbeatSender(heartbeat, watch.air_is_right)
        beat.start()
        parts.callback(beat.stop)
    return alerts


def page_address(page: Page, host: str | None = None, port: int | None = None) -> str:
    """Where others reach the page, such as ``http://192.168.1.20:8080``; empty where only this PC does."""
    at, number = host or page.host, port or page.port
    if page.names:
        return f"https://{page.names[0]}" if page.behind_proxy else f"http://{page.names[0]}:{number}"
    if at in ("127.0.0.1", "::1", "localhost"):
        return ""
    shown = _own_address() if at in ("0.0.0.0", "::", "") else at
    return f"http://[{shown}]:{number}" if ":" in shown else f"http://{shown}:{number}" if shown else ""


def _own_address() -> str:
    """This PC's address in the store's network: that of the way out. Nothing is sent; empty without a network."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        return str(probe.getsockname()[0])
    return ""
