"""How the daemon is, for machines: a yes or no with its reasons, and figures in Prometheus's form."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Generic, Protocol, TypeVar

import psutil
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.metrics_core import CounterMetricFamily
from prometheus_client.registry import Collector

from broadcaster.asrun.entries import Entry, Outcome
from broadcaster.asrun.log import AsRunLog
from broadcaster.clock import Clock, monotonic
from broadcaster.errors import StoreError
from broadcaster.ops.service_life import turns
from broadcaster.ops.time_sync import state as time_state
from broadcaster.plan.plan import Plan
from broadcaster.playout.engine_client import EngineProcess
from broadcaster.playout.loop import ConductorLoop
from broadcaster.playout.on_air import OnAir
from broadcaster.settings import Home
from broadcaster.station.watch import StationWatch, is_silent
from broadcaster.store.database import Database
from broadcaster.store.sqlite import refusal

log = logging.getLogger(__name__)

KEPT_S = 15.0
"""So long what costs a question to the database is answered from memory."""
RUNGS = ("none", "track", "next", "engine", "output", "fallback", "alert")
EARS = ("off", "none", "starting", "ok", "lost")
ENGINES = ("starting", "ok", "lost")


T = TypeVar("T")


class OpenAlerts(Protocol):
    """Who knows what is wrong."""

    def present(self, now: datetime) -> list[dict[str, Any]]:
        """Each with ``code`` and ``severity``."""
        ...


@dataclass(frozen=True, slots=True)
class Reason:
    """Why all is not well."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Health:
    """The short answer."""

    engine: str
    reasons: tuple[Reason, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing keeps the air from being right."""
        return not self.reasons


def silence_of(on_air: OnAir) -> Reason:
    """Why it is silent that should sound."""
    seconds = f"{on_air.dead_air_s:.0f}"
    zh, en = "", ""
    if on_air.hearing.muted:
        zh, en = "(电脑被静音)", " (the PC is muted)"
    elif on_air.hearing.output_gone:
        zh, en = "(没有声卡或声音服务停了)", " (no sound output)"
    words = f"应该有声音,但已 {seconds} 秒听不到{zh}", f"silent for {seconds} s though something should sound{en}"
    return Reason("silence", *words)


class Vitals:
    """Asked from many threads; costs a few hundred microseconds."""

    def __init__(
        self, home: Home, clock: Clock, plan: Callable[[], Plan | None], loop: ConductorLoop, engine: EngineProcess,
        asrun: AsRunLog, database: Database, watch: StationWatch, alerts: OpenAlerts,
    ) -> None:  # fmt: skip
        self._home = home
        self._clock = clock
        self._plan = plan
        self._loop = loop
        self._engine = engine
        self._asrun = asrun
        self._database = database
        self._watch = watch
        self._alerts = alerts
        self._refusal = _Kept(self._ask_database)
        self._day = _Kept(self._read_day)
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(_Figures(self._collect))

    def health(self) -> Health:
        """Whether the conductor turns, the engine plays and is heard where it should be, and the log can be written."""
        on_air = self._loop.on_air()
        engine = self._watch.engine(on_air)
        reasons = []
        if not turns(self._loop):
            reasons.append(Reason("conductor", "播控停转了", "the conductor does not turn"))
        if engine == "lost":
            reasons.append(Reason("engine", "播放引擎起不来", "the playout engine can't run"))
        if on_air is not None and is_silent(on_air):
            reasons.append(silence_of(on_air))
        trouble = (on_air.log_trouble if on_air is not None else "") or self._refusal.value()
        if trouble:
            reasons.append(Reason("database", f"数据库写不进去:{trouble}", f"the database can't be written: {trouble}"))
        return Health(engine, tuple(reasons))

    def metrics(self) -> bytes:
        """All figures, in the text form that Prometheus reads."""
        return generate_latest(self._registry)

    def _ask_database(self) -> str:
        return refusal(self._database.path) if self._database.path is not None else ""

    def _read_day(self) -> list[Entry]:
        plan = self._plan()
        if plan is None:
            return []
        today: date = self._clock.now().astimezone(plan.station.tz).date()
        try:
            return [entry for entry in self._asrun.entries(today) if entry.spot_id is not None]
        except StoreError as error:
            log.warning("figures without the log: %s", error)
            return []

    def _collect(self) -> Iterable[Metric]:
        on_air, now = self._loop.on_air(), self._clock.now()
        yield _info("broadcaster_build", "What runs here.", {"version": _version()})
        well = float(self.health().ok)
        yield _gauge("broadcaster_up", "1 while conductor, engine and log work and it is not silent.", well)
        yield _state("broadcaster_engine_state", "The playout engine.", ENGINES, self._watch.engine(on_air))
        yield _count("broadcaster_engine_replaced", "Engines replaced since the start.", self._engine.generation - 1)
        yield from self._memory()
        if on_air is not None:
            yield from _air(on_air)
        yield from self._alerts_open(now)
        yield from self._of_the_day()
        if (free_mb := self._watch.disk_free_mb()) is not None:
            yield _gauge("broadcaster_disk_free_bytes", "Free on the disk of the store's folder.", free_mb * 1e6)
        if (size := self._size()) is not None:
            yield _gauge("broadcaster_database_bytes", "The database's file and its log of changes.", size)
        sync = time_state()
        states = ("synchronized", "unsynchronized", "unknown")
        yield _state("broadcaster_clock_state", "Whether the PC's clock follows the network's.", states, sync.state)
        if sync.offset_s is not None:
            yield _gauge("broadcaster_clock_offset_seconds", "The PC's time less the network's.", sync.offset_s)

    def _memory(self) -> Iterable[Metric]:
        family = GaugeMetricFamily("broadcaster_memory_bytes", "Resident memory.", labels=["process"])
        for name, pid in (("daemon", None), ("engine", self._engine.pid)):
            if name == "engine" and pid is None:
                continue
            try:
                family.add_metric([name], psutil.Process(pid).memory_info().rss)
            except psutil.Error:
                continue
        yield family

    def _alerts_open(self, now: datetime) -> Iterable[Metric]:
        family = GaugeMetricFamily("broadcaster_alerts", "What is wrong at this moment.", labels=["severity"])
        severities = [str(one.get("severity", "")) for one in self._alerts.present(now)]
        for severity in ("notice", "warning", "urgent"):
            family.add_metric([severity], severities.count(severity))
        yield family

    def _of_the_day(self) -> Iterable[Metric]:
        entries: Sequence[Entry] = self._day.value()
        family = GaugeMetricFamily("broadcaster_spots_today", "Spots of the date, by outcome.", labels=["outcome"])
        for outcome in Outcome:
            family.add_metric([outcome.value], sum(entry.outcome is outcome for entry in entries))
        yield family
        late = [
            (entry.heard_at - entry.planned_at).total_seconds()
            for entry in entries
            if entry.heard_at is not None and entry.outcome is Outcome.AIRED
        ]
        summary = SummaryMetricFamily(
            "broadcaster_spot_start_error_seconds", "Heard less planned, of the date's spots."
        )
        summary.add_metric([], count_value=len(late), sum_value=sum(late))
        yield summary
        worst = GaugeMetricFamily("broadcaster_spot_start_error_worst_seconds", "The largest of the date.")
        worst.add_metric([], max(late, key=abs, default=0.0))
        yield worst

    def _size(self) -> int | None:
        path = self._database.path
        if path is None:
            return None
        sizes = []
        for name in (path, path.with_name(f"{path.name}-wal")):
            try:
                sizes.append(name.stat().st_size)
            except OSError:
                continue
        return sum(sizes)


def _air(on_air: OnAir) -> Iterable[Metric]:
    hearing = on_air.hearing
    yield _gauge("broadcaster_dead_air_seconds", "Seconds of the present unplanned silence.", on_air.dead_air_s)
    yield _state("broadcaster_silence_rung", "How far the silence ladder was walked up.", RUNGS, on_air.rung)
    yield _state("broadcaster_ear_state", "Who listens to the output.", EARS, hearing.ear)
    if hearing.lufs is not None:
        yield _gauge("broadcaster_heard_lufs", "Momentary loudness at the output.", hearing.lufs)
    on = {"bed": on_air.track, "spot": on_air.spot, "call": on_air.call}
    family = GaugeMetricFamily("broadcaster_on_air", "1 for what sounds.", labels=["what"])
    for name, sounding in on.items():
        family.add_metric([name], float(sounding is not None))
    yield family


class _Figures(Collector):
    def __init__(self, collect: Callable[[], Iterable[Metric]]) -> None:
        self._collect = collect

    def collect(self) -> Iterable[Metric]:
        return self._collect()


class _Kept(Generic[T]):
    def __init__(self, ask: Callable[[], T]) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._last: tuple[float, T] | None = None

    def value(self) -> T:
        with self._lock:
            if self._last is None or monotonic() - self._last[0] > KEPT_S:
                self._last = monotonic(), self._ask()
            return self._last[1]


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=value)


def _count(name: str, words: str, value: float) -> Metric:
    return CounterMetricFamily(name, words, value=value)


def _info(name: str, words: str, value: dict[str, str]) -> Metric:
    return InfoMetricFamily(name, words, value=value)


def _state(name: str, words: str, states: Sequence[str], present: str) -> Metric:
    family = GaugeMetricFamily(name, words, labels=["state"])
    for state in dict.fromkeys((*states, present)):
        family.add_metric([state], float(state == present))
    return family


def _version() -> str:
    try:
        return version("store-broadcaster")
    except PackageNotFoundError:
        return "0"
