"""The real daemon with its real ear: what goes silent is heard again, by whatever rung of the ladder it takes.

The bounds are those of a busy machine; ``bench/`` measures the real figures.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from broadcaster.clock import monotonic
from tests.lab import signals
from tests.lab.analysis import position_in, rms_db, silences
from tests.lab.recorder import Recorder
from tests.lab.sink import NullSink
from tests.live_kit import STATION, Daemon, Store, all_day, running, wait

pytestmark = [pytest.mark.audio, pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    one = Store(tmp_path)
    one.lay_out(all_day("{playlist: hum}"))
    for number in (1, 2):
        signals.ruler(tmp_path / f"playlists/hum/{number}.wav", 120, seed=number)
    signals.ruler(tmp_path / "var/fallback/1.wav", 100, seed=9)
    return one


@pytest.fixture
def second_sink(null_sink: NullSink) -> Iterator[list[str]]:
    """Another output, named ``second``; its module's number, to be unloaded."""
    if not null_sink.running:
        null_sink.restart()
    module = [_load(null_sink)]
    yield module
    for number in null_sink.pactl("list", "short", "modules").splitlines():
        if "sink_name=second" in number:
            null_sink.pactl("unload-module", number.split()[0])


def _load(sink: NullSink) -> str:
    words = ("load-module", "module-null-sink", "sink_name=second", "rate=48000", "channels=2", "norewinds=1")
    return sink.pactl(*words).strip()


def _listening(daemon: Daemon) -> dict[str, Any]:
    """The status once the ear hears the programme."""

    def heard() -> dict[str, Any] | None:
        status = daemon.status()
        return status if status and status["health"]["ear"] == "ok" and status["health"]["dead_air_s"] == 0 else None

    daemon.ready()
    found: dict[str, Any] = wait(heard, 30, "the ear")
    return found


def _longest_gap(recorder: Recorder, since: float, seconds: float) -> float:
    take = recorder.wait_until(since + seconds, timeout=seconds + 20)
    return max((end - begin for begin, end in silences(take.slice(since, take.end), 0.02, -60)), default=0.0)


@pytest.mark.parametrize(("harm", "limit_s"), [("kill", 2.0), ("suspend", 3.0)])
def test_an_engine_that_dies_or_hangs(
    store: Store, null_sink: NullSink, recorder: Recorder, harm: str, limit_s: float
) -> None:
    store.prepare()
    with running(store.root, null_sink) as daemon:
        _listening(daemon)
        recorder.wait_until(monotonic() + 7)
        begun = monotonic()
        getattr(psutil.Process(daemon.engine_pid), harm)()
        assert _longest_gap(recorder, begun, 6) < limit_s


def test_a_sound_server_that_ends_and_comes_back(store: Store, null_sink: NullSink, recorder: Recorder) -> None:
    reference = signals.read_mono(store.prepare()["1.wav"])
    with running(store.root, null_sink) as daemon:
        _listening(daemon)
        begun = monotonic()
        null_sink.restart()
        assert _longest_gap(recorder, begun, 10) < 6.0
        take = recorder.wait_until(monotonic() + 1)
        assert position_in(take.slice(take.end - 0.5, take.end), reference).confidence > 0.5 or rms_db(take) > -60


def test_a_recording_that_falls_silent(store: Store, null_sink: NullSink, recorder: Recorder) -> None:
    mostly_silent = np.concatenate([signals.ruler_signal(5), np.zeros(300 * 48_000)])
    signals.write_wav(store.root / "playlists/hum/1.wav", mostly_silent)
    signals.ruler(store.root / "playlists/hum/2.wav", 10)
    store.prepare()
    with running(store.root, null_sink) as daemon:
        daemon.ready()
        since = monotonic()
        recorder.wait_for(lambda take: rms_db(take) > -50, 25, since=since)


def test_recordings_deleted_under_play(store: Store, null_sink: NullSink, recorder: Recorder) -> None:
    store.prepare()
    fallback = signals.read_mono(store.root / "var/fallback/1.wav")
    with running(store.root, null_sink) as daemon:
        _listening(daemon)
        for path in (store.root / "var/media").rglob("*.wav"):
            path.unlink()
        begun = monotonic()
        psutil.Process(daemon.engine_pid).kill()
        assert _longest_gap(recorder, begun, 8) < 6.0
        take = recorder.wait_until(monotonic() + 1)
        assert position_in(take.slice(take.end - 0.5, take.end), fallback).confidence > 0.8


def test_an_output_that_is_unplugged_and_plugged_in_again(
    store: Store, null_sink: NullSink, recorder: Recorder, second_sink: list[str]
) -> None:
    store.write("config/station.yaml", STATION.replace("sound: {", "sound: {output: second, "))
    store.prepare()
    with running(store.root, null_sink) as daemon:
        _listening(daemon)
        assert rms_db(recorder.take(monotonic() - 0.5)) < -60
        null_sink.pactl("unload-module", second_sink[0])
        unplugged = monotonic()
        recorder.wait_for(lambda take: rms_db(take) > -50, 20, since=unplugged)
        print(f"on the other output after {monotonic() - unplugged:.1f} s")
        wait(lambda: "output-missing" in str((daemon.status() or {}).get("health")), 40, "the alert")
        _load(null_sink)
        wait(lambda: rms_db(recorder.take(monotonic() - 0.5)) < -60, 40, "the way back")
