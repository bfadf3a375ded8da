"""The real daemon through real libVLC into a null sink: what the plan says is what is heard."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
import psutil
import pytest

from broadcaster.clock import monotonic
from tests.lab import signals
from tests.lab.analysis import onset, peak_db, position_in, rms_db, silences, tone_level_db
from tests.lab.recorder import Recorder
from tests.lab.sink import NullSink
from tests.live_kit import Store, all_day, dayparts, hms, next_whole_second, running, to_mono, wait

pytestmark = [pytest.mark.audio, pytest.mark.slow]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    yield Store(tmp_path)


def test_levels_differ_by_what_the_dial_says(store: Store, null_sink: NullSink, recorder: Recorder) -> None:
    store.lay_out(all_day("{playlist: hum}"))
    signals.ruler(store.root / "playlists/hum/one.wav", 20)
    store.prepare()
    start = next_whole_second(7)
    parts = [("{playlist: hum}", level, 4.0) for level in ("welcome", "light", "english")]
    store.programme(dayparts(start, parts))
    with running(store.root, null_sink) as daemon:
        daemon.ready()
        take = recorder.wait_until(to_mono(start + 12.5), timeout=40)
        heard = [rms_db(take.slice(to_mono(start + at + 0.2), to_mono(start + at + 2.7))) for at in (0, 4, 8)]
    assert heard[1] - heard[0] == pytest.approx(-1.5, abs=0.5)
    assert heard[2] - heard[0] == pytest.approx(-3.0, abs=0.5)


def test_nothing_is_louder_than_its_gain_from_the_first_frame(
    store: Store, null_sink: NullSink, recorder: Recorder
) -> None:
    store.lay_out(all_day("{playlist: hum}"))
    for name in ("one", "two", "three"):
        signals.ruler(store.root / f"playlists/hum/{name}.wav", 3.5, seed=len(name))
    prepared = store.prepare()
    start = next_whole_second(7)
    store.programme(dayparts(start, [("{playlist: hum}", "english", 8.0)]))
    loudest = max(float(np.abs(signals.read_mono(path)).max()) for path in prepared.values())
    with running(store.root, null_sink) as daemon:
        daemon.ready()
        take = recorder.wait_until(to_mono(start + 9), timeout=40)
    assert -90 < peak_db(take) <= 20 * np.log10(loudest) - 5.5 + 0.1


def test_joints_have_no_silence_and_the_bed_starts_on_time(
    store: Store, null_sink: NullSink, recorder: Recorder
) -> None:
    store.lay_out(all_day("{playlist: hum}"))
    for name in ("1", "2", "3", "4"):
        signals.ruler(store.root / f"playlists/hum/{name}.wav", 4.5, seed=int(name))
    store.prepare()
    start = next_whole_second(7)
    store.programme(dayparts(start, [("{playlist: hum}", "light", 12.0)]))
    with running(store.root, null_sink) as daemon:
        daemon.ready()
        take = recorder.wait_until(to_mono(start + 13), timeout=40)
    first = onset(take, to_mono(start - 3))
    assert first is not None and abs(first - to_mono(start)) < 0.03
    assert silences(take.slice(to_mono(start + 0.05), to_mono(start + 11)), 0.01, -60) == []
    assert peak_db(take.slice(to_mono(start + 12.1), to_mono(start + 12.9))) < -90


def test_a_rehearsal_is_silent_until_942_and_then_speaks(store: Store, null_sink: NullSink, recorder: Recorder) -> None:
    root = Path(__file__).parents[1]
    for folder in ("config", "announcements"):
        shutil.copytree(root / folder, store.root / folder, ignore=shutil.ignore_patterns("*.flac"))
    for name in ("staff-song", "welcome", "light", "english", "send-off"):
        signals.ruler(store.root / f"playlists/{name}/one.wav", 30)
    for name in ("ding-dong", "four-tone"):
        signals.sine(store.root / f"announcements/chimes/{name}.wav", 880, 1.2)
    store.prepare()
    with running(store.root, null_sink, "--at", "2026-11-28T09:41:52") as daemon:
        status = daemon.ready()
        assert status["rehearsal"]
        due = 1795830120.0 - daemon.clock_offset()  # 2026-11-28T09:42:00+08:00
        take = recorder.wait_until(due + 3, timeout=30)
        spoken = wait(lambda: (daemon.status() or {})["on_air"]["spot"], 5, "the welcome speech in the status")
    first = onset(take, take.start, -80)
    # The planned instant is known by way of the page, to a few milliseconds; bench.starts dates starts exactly.
    assert first is not None and abs(first - due) < 0.02
    assert spoken["title"] == "欢迎语" and "欢迎光临" in spoken["text"]


def duck_programme(start: float, bed: str = "duck") -> str:
    return all_day("{playlist: hum}") + (
        f"spots:\n  - {{id: call, title: 呼叫, script: call, at: '{hms(start)}', bed: {bed}, lateness: 2 s}}\n"
    )


def test_the_bed_goes_down_under_a_spot_and_comes_back(store: Store, null_sink: NullSink, recorder: Recorder) -> None:
    store.lay_out(duck_programme(0))
    signals.sine(store.root / "playlists/hum/one.wav", 440, 60)
    signals.sine(store.root / "announcements/call.wav", 1500, 3)
    store.write("announcements/call.yaml", "title: 呼叫\nrecording: call.wav\n")
    store.prepare()
    start = next_whole_second(9)
    store.programme(duck_programme(start))
    with running(store.root, null_sink) as daemon:
        daemon.ready()
        take = recorder.wait_until(to_mono(start + 6), timeout=40)
    before, under, after = (
        tone_level_db(take.slice(to_mono(start + at), to_mono(start + at + 1)), 440) for at in (-2, 1, 4.5)
    )
    assert under - before == pytest.approx(-14, abs=0.5)
    assert after == pytest.approx(before, abs=0.2)
    assert tone_level_db(take.slice(to_mono(start + 1), to_mono(start + 2)), 1500) > under + 10


def test_the_bed_comes_back_when_the_spot_fails_half_way(store: Store, null_sink: NullSink, recorder: Recorder) -> None:
    store.lay_out(duck_programme(0))
    signals.sine(store.root / "playlists/hum/one.wav", 440, 60)
    signals.sine(store.root / "announcements/call.wav", 1500, 8)
    store.write("announcements/call.yaml", "title: 呼叫\nrecording: call.wav\n")
    prepared = store.prepare()
    start = next_whole_second(12)
    store.programme(duck_programme(start, "stop"))
    with running(store.root, null_sink) as daemon:
        daemon.ready()
        recorder.wait_until(to_mono(start + 0.5), timeout=40)
        # Cut short while it plays: what a failing disk would do.
        with prepared["call*1"].open("r+b") as file:
            file.truncate(2 * 192_000)
        take = recorder.wait_until(to_mono(start + 6), timeout=40)
        log = (store.root / "var/console.txt").read_text()
    before, after = (tone_level_db(take.slice(to_mono(start + at), to_mono(start + at + 1)), 440) for at in (-2, 4.5))
    spoken = take.slice(to_mono(start + 0.3), to_mono(start + 1.3))
    assert tone_level_db(spoken, 1500) > -40 and tone_level_db(spoken, 440) < before - 40
    assert after == pytest.approx(before, abs=0.2)
    assert "spot" in log and "partial" in log


def test_a_changed_plan_takes_hold_without_a_gap_and_a_faulty_one_does_not(
    store: Store, null_sink: NullSink, recorder: Recorder
) -> None:
    store.lay_out(all_day("{playlist: hum}"))
    signals.ruler(store.root / "playlists/hum/one.wav", 60)
    store.prepare()
    with running(store.root, null_sink) as daemon:
        first = daemon.ready()
        recorder.wait_for(lambda take: rms_db(take) > -60, 20, since=monotonic() - 0.5)
        begun = monotonic()
        recorder.wait_until(begun + 1.2)
        store.programme(all_day("{playlist: hmu}"))
        wait(lambda: (daemon.status() or {})["plan"]["faults"] == 1, 10, "the fault is told")
        store.programme(all_day("{playlist: hum}", "english"))
        # The files are read before the conductor takes what they say, so the level is what tells.
        changed = wait(
            lambda: (s := daemon.status()) and s["on_air"]["level"] == "english" and s, 10, "the change on air"
        )
        take = recorder.wait_until(monotonic() + 2, timeout=10)
    assert changed["plan"]["faults"] == 0 and changed["plan"]["version"] != first["plan"]["version"]
    assert silences(take.slice(begun, take.end), 0.01, -60) == []
    step = rms_db(take.slice(take.end - 1, take.end)) - rms_db(take.slice(begun, begun + 1))
    assert step == pytest.approx(-1.5, abs=0.5)


def test_a_killed_engine_is_back_within_a_second_on_the_right_second(
    store: Store, null_sink: NullSink, recorder: Recorder
) -> None:
    store.lay_out(all_day("{playlist: hum}"))
    signals.ruler(store.root / "playlists/hum/one.wav", 60)
    reference = signals.read_mono(store.prepare()["one.wav"])
    with running(store.root, null_sink) as daemon:
        daemon.ready()
        recorder.wait_for(lambda take: rms_db(take) > -60, 20, since=monotonic() - 0.5)
        killed = monotonic()
        psutil.Process(daemon.engine_pid).kill()
        take = recorder.wait_until(killed + 3, timeout=10)
        status = daemon.status()
        offset = daemon.clock_offset()
    gap = max(end - begin for begin, end in silences(take.slice(killed, killed + 3), 0.02, -60))
    assert gap < 1.0
    # Nor is a frame of the new engine louder than the old one was allowed to be.
    assert peak_db(take.slice(killed, killed + 3)) <= 20 * np.log10(np.abs(reference).max()) - 4 + 0.1
    assert status is not None
    moment = killed + 2
    began = datetime.fromisoformat(status["on_air"]["track"]["started_at"]).timestamp() - offset
    planned = (moment + offset) % 86400 % 59.0  # one track of 60 s, crossing by 1 s, from midnight UTC on
    heard = position_in(take.slice(moment, moment + 0.5), reference)
    assert heard.offset_s == pytest.approx(planned, abs=0.1)
    assert moment - began == pytest.approx(planned, abs=0.1)


def test_two_daemons_never_share_a_home(store: Store, null_sink: NullSink) -> None:
    store.lay_out(all_day("silence", "light"))
    with running(store.root, null_sink) as daemon:
        daemon.ready()
        with running(store.root, null_sink) as second:
            assert second.process is not None and second.process.wait(timeout=20) == 1
        assert "already runs on this home" in daemon.console
        assert daemon.status() is not None
