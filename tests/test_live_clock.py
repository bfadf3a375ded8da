"""The clock is set while the real engine plays: within two seconds the air is that of the new time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from broadcaster.asrun.entries import Entry
from broadcaster.asrun.log import AsRunLog
from broadcaster.clock import monotonic
from broadcaster.playout.air import Air
from broadcaster.playout.conductor import Conductor
from broadcaster.playout.engine_client import EngineProcess
from broadcaster.playout.journal import Journal
from broadcaster.playout.loop import ConductorLoop
from broadcaster.playout.protocol import Event
from broadcaster.publishing.publish import Publisher
from broadcaster.rundown.compiler import compile_rundown
from broadcaster.store.database import open_database
from tests.lab import signals
from tests.lab.analysis import position_in, rms_db
from tests.lab.recorder import Recorder
from tests.lab.sink import NullSink
from tests.live_kit import Store, all_day

pytestmark = [pytest.mark.audio, pytest.mark.slow]


class SettableClock:
    """The machine's clock with an offset that a test may change."""

    def __init__(self, now: datetime) -> None:
        self.offset_s = now.timestamp() - monotonic()

    def now(self) -> datetime:
        return datetime.fromtimestamp(monotonic() + self.offset_s, UTC)

    def mono(self) -> float:
        return monotonic()


@pytest.fixture
def sound(null_sink: NullSink, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have engines started by this process play into the null sink."""
    for name, value in null_sink.env.items():
        monkeypatch.setenv(name, value)
    yield


class Rig:
    """A conductor with the real engine and a clock that can be set."""

    def __init__(self, root: Path, clock: SettableClock) -> None:
        publisher = Publisher(root)
        publication = publisher.publish(clock.now().date())
        publisher.close()
        assert publication.plan is not None, publication.faults
        plan = publication.plan
        self.track = signals.read_mono(Path(plan.playlists["hum"].tracks[0].path))
        self._database = open_database(root / "var/broadcaster.db")
        self.log = AsRunLog(self._database, "main")
        self._loop = ConductorLoop()

        def deliver(generation: int, event: Event) -> None:
            self._loop.put(lambda conductor: conductor.event(event) if generation == self.engine.generation else None)

        self.engine = EngineProcess(deliver, root / "var/engine.log")
        self.conductor = Conductor(self.engine, Journal(self.log), clock)
        self._loop.start(self.conductor)
        air = Air(plan, clock.now() - timedelta(minutes=5), lambda on: compile_rundown(plan, (), on))
        self._loop.put(lambda conductor: conductor.take_plan(air))

    def close(self) -> None:
        """End everything."""
        self._loop.stop()
        self.engine.close()
        self._database.dispose()


@pytest.mark.parametrize("step_s", [600.0, -600.0, 7200.0])
def test_a_set_clock_is_followed_within_two_seconds(
    tmp_path: Path, null_sink: NullSink, recorder: Recorder, sound: None, step_s: float
) -> None:
    store = Store(tmp_path)
    store.lay_out(
        all_day("{playlist: hum}")
        + "spots:\n  - {id: call, title: 呼叫, script: call, at: ['11:59:58', '12:10:30'], bed: stop, lateness: 5 s}\n"
    )
    signals.ruler(tmp_path / "playlists/hum/one.wav", 100)
    signals.sine(tmp_path / "announcements/call.wav", 1500, 20)
    store.write("announcements/call.yaml", "title: 呼叫\nrecording: call.wav\n")
    store.prepare()
    clock = SettableClock(datetime(2026, 11, 24, 11, 59, 55, tzinfo=UTC))
    rig = Rig(tmp_path, clock)
    try:
        speaking: Callable[[], bool] = lambda: rig.conductor.on_air.spot is not None  # noqa: E731
        recorder.wait_for(lambda take: speaking() and rms_db(take) > -40, 20, since=monotonic() - 0.3)
        recorder.wait_until(monotonic() + 1)
        clock.offset_s += step_s
        stepped = monotonic()
        take = recorder.wait_until(stepped + 4, timeout=10)
        assert rig.conductor.on_air.spot is None
    finally:
        rig.close()
    for moment in (stepped + 2.0, stepped + 3.0):
        planned = (moment + clock.offset_s) % 86400 % 99
        heard = position_in(take.slice(moment, moment + 0.5), rig.track)
        assert heard.offset_s == pytest.approx(planned, abs=0.1)
    entry = next(iter(rig_spots(tmp_path)))
    assert entry.outcome == "partial" and "clock" in entry.reason


def rig_spots(root: Path) -> list[Entry]:
    """The spots in the log."""
    database = open_database(root / "var/broadcaster.db")
    try:
        return list(AsRunLog(database, "main").spots_of(datetime(2026, 11, 24, tzinfo=UTC).date()).values())
    finally:
        database.dispose()
