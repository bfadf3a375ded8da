"""What the running station itself knows to be wrong: stopped by hand, engine, disk, log, plan, notices, weather."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from datetime import datetime

from broadcaster.clock import Clock
from broadcaster.ops.causes import Cause, cause
from broadcaster.playout.interventions import told
from broadcaster.playout.loop import ConductorLoop
from broadcaster.playout.on_air import OnAir
from broadcaster.publishing.plan_keeper import PlanKeeper
from broadcaster.rooms.notice_room import NoticeRoom
from broadcaster.rooms.weather_room import WeatherRoom
from broadcaster.settings import Home

STALE_S = 5.0
"""A conductor that last told of the air so long ago hangs."""
DEAD_AIR_S = 5.0
"""An outside monitor is no longer told that all is well when it is silent for so long."""


def is_silent(on_air: OnAir) -> bool:
    """Whether it is dead air: this PC has the air, something should sound, and nothing does, whoever's fault it is."""
    return on_air.gate == "open" and on_air.dead_air_s >= DEAD_AIR_S


def is_right(on_air: OnAir | None, engine: str) -> bool:
    """Whether a sign of life may be given. A second PC that only waits gives none, or nobody saw the main one die."""
    return on_air is not None and on_air.gate == "open" and engine == "ok" and not is_silent(on_air)


class StationWatch:
    """Looks, and keeps nothing; from any thread."""

    def __init__(
        self, home: Home, clock: Clock, keeper: PlanKeeper, loop: ConductorLoop, notices: NoticeRoom,
        weather: WeatherRoom,
    ) -> None:  # fmt: skip
        self._home = home
        self._clock = clock
        self._keeper = keeper
        self._loop = loop
        self._notices = notices
        self._weather = weather

    def engine(self, on_air: OnAir | None) -> str:
        """``ok``, ``starting`` or ``lost``; lost also when the conductor does not turn."""
        if on_air is None:
            return "starting"
        return "lost" if on_air.age_s(self._clock) > STALE_S else on_air.engine

    def disk_free_mb(self) -> int | None:
        """Of the disk with the store's files; None where that can't be known."""
        try:
            return shutil.disk_usage(self._home.root).free // 1_000_000
        except OSError:
            return None

    def air_is_right(self) -> bool:
        """Whether this PC has the air, the conductor turns, the engine works, and it sounds where it should."""
        on_air = self._loop.on_air()
        return is_right(on_air, self.engine(on_air))

    def causes(self, now: datetime) -> Sequence[Cause]:
        """See :class:`broadcaster.ops.causes.Source`."""
        return list(self._causes(now))

    def _causes(self, now: datetime) -> Iterator[Cause]:
        on_air, plan = self._loop.on_air(), self._keeper.plan
        stop = on_air.interventions.stopped(now) if on_air is not None else None
        if stop is not None and plan is not None:
            words = told(stop, plan.station.tz)
            yield cause("stopped-by-hand", words.zh, words.text("en"))
        if self.engine(on_air) == "lost":
            yield cause("engine-lost", "播放引擎起不来,没有声音", "the playout engine can't run: no sound")
        if on_air is not None and on_air.log_trouble:
            yield cause("log-trouble", f"播出日志写不进去:{on_air.log_trouble}", f"as-run log: {on_air.log_trouble}")
        yield from self._of_the_plan()
        if self._notices.trouble:
            yield cause("notices", f"通知稿读不出来:{self._notices.trouble}", f"notices: {self._notices.trouble}")
        forecast = self._weather.health()
        if forecast is not None and not forecast.ok:
            yield cause("weather", forecast.zh, forecast.en)

    def _of_the_plan(self) -> Iterator[Cause]:
        wrong = [fault for fault in self._keeper.faults if not fault.warning]
        if any(fault.blocking for fault in wrong):
            yield cause("plan-faults", "播音计划文件有错,仍按上一份正确的计划播音", "the plan's files have faults")
        elif wrong:
            yield cause(
                "plan-flaws",
                f"有 {len(wrong)} 处声音或设置用不了,其余照常播出:{wrong[0].message('zh')}",
                f"{len(wrong)} recordings or settings can't be used, all else airs: {wrong[0].message('en')}",
            )
