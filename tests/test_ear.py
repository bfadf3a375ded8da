"""The ear's process on a null sink: dates, loudness, comparison, volume, and devices that come and go."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from broadcaster.clock import monotonic
from broadcaster.ear.messages import Block, Devices, Expect, Expected, KeepVolume, Listen, Matched, State, Volume
from broadcaster.media.k_weighting import gated_lufs
from broadcaster.playout.protocol import Load, Start
from tests.ear_rig import EarRig
from tests.engine_rig import EngineRig
from tests.lab import signals
from tests.lab.analysis import lufs, onset, position_in
from tests.lab.recorder import Recorder
from tests.lab.sink import NullSink

pytestmark = pytest.mark.audio


@pytest.fixture
def sink(null_sink: NullSink) -> NullSink:
    if not null_sink.running:
        null_sink.restart()
    return null_sink


@pytest.fixture
def ear(sink: NullSink, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[EarRig]:
    with EarRig(sink, monkeypatch, tmp_path) as rig:
        yield rig


def play(sink: NullSink, path: Path) -> subprocess.Popen[bytes]:
    """Another program that plays."""
    return subprocess.Popen(["paplay", str(path)], env=sink.child_env)


def test_what_is_heard_is_dated_as_the_recorder_dates_it(ear: EarRig, recorder: Recorder, sink: NullSink) -> None:
    recording = signals.ruler(sink.folder / "ruler.wav", 16)
    with EngineRig(sink) as engine:
        engine.load(Load("one", "bed", str(recording), -6.0))
        at = monotonic() + 0.5
        engine.send(Start("one", at))
        ear.client.expect(Expect((Expected("ours", str(recording), at, -6.0, at),)))
        found = ear.wait(Matched, lambda matched: matched.match == "ours" and matched.explained > 0.9)
        take = recorder.wait_until(found.at)
        # Told once what is compared holds no beginning, and no level that changes.
        levelled = ear.wait(Matched, lambda matched: matched.level_db is not None)
    truly = onset(take, at - 0.3)
    first = ear.wait(Block, lambda block: block.onset is not None).onset
    assert truly is not None and first is not None
    assert abs(first - truly) < 0.005
    # Not against the first sample: on a busy machine the player may set itself right after its start.
    heard = take.slice(found.at - 0.8, found.at - 0.1)
    lag_s = heard.start - position_in(heard, signals.read_mono(recording)).offset_s - at
    assert abs(found.found["ours"] - lag_s) < 0.005
    assert levelled.level_db == pytest.approx(0, abs=0.5)


def test_loudness_is_that_of_the_standard(ear: EarRig, recorder: Recorder, sink: NullSink) -> None:
    recording = signals.sine(sink.folder / "tone.wav", 1000, 4, -23.0)
    with play(sink, recording) as program:
        program.wait(15)
    begun = ear.wait(Block, lambda block: block.onset is not None)
    ear.wait(Block, lambda block: block.end > begun.end + 4.2)
    heard = [block.k for block in ear.all(Block) if begun.end < block.end - 0.1 < begun.end + 3.5]
    take = recorder.take()
    truly = lufs(take.slice(begun.end, begun.end + 3.5))
    assert truly == pytest.approx(-23.0, abs=0.3)
    assert gated_lufs(heard) == pytest.approx(truly, abs=0.1)


def test_another_program_is_not_ours(ear: EarRig, sink: NullSink) -> None:
    ours = signals.ruler(sink.folder / "ours.wav", 30)
    theirs = signals.ruler(sink.folder / "theirs.wav", 12, seed=9)
    now = monotonic()
    ear.client.expect(Expect((Expected("ours", str(ours), now, 0.0, now),)))
    with play(sink, theirs) as program:
        found = ear.wait(Matched, lambda matched: matched.match != "unknown")
        program.kill()
    assert found.match == "other" and not found.found


def test_a_server_that_comes_back_is_heard_again(ear: EarRig, sink: NullSink) -> None:
    sink.kill()
    ear.wait(State, lambda state: state.ear == "lost" and state.gone, 5)
    process, mark = ear.client.pid, ear.mark()
    sink.restart()
    back = monotonic()
    block = ear.wait(Block, lambda block: block.end > back, 10, since=mark)
    print(f"heard {block.end - back:.2f} s after the server answered")
    assert ear.client.pid == process
    recording = signals.sine(sink.folder / "tone.wav", 1000, 2)
    with play(sink, recording):
        ear.wait(Block, lambda block: block.rms > -40, 10, since=mark)


def test_a_sink_that_goes_away_is_followed_to_the_next(
    sink: NullSink, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    number = sink.pactl("load-module", "module-null-sink", "sink_name=second", "rate=48000", "norewinds=1").strip()
    try:
        with EarRig(sink, monkeypatch, tmp_path, PULSE_SINK="") as ear:
            sink.pactl("set-default-sink", "second")
            ear.wait(State, lambda state: state.ear == "ok" and state.device == "second")
            mark = ear.mark()
            sink.pactl("unload-module", number)
            ear.wait(State, lambda state: state.ear == "ok" and state.device == "out", since=mark)
            ear.wait(Devices, lambda devices: list(devices.outputs) == ["out"], since=mark)
    finally:
        sink.pactl("set-default-sink", "out")


def test_without_any_output_nothing_is_heard_by_anybody(ear: EarRig, sink: NullSink) -> None:
    dummy = sink.pactl("load-module", "module-null-sink", "sink_name=auto_null").strip()
    number = next(
        line.split("\t")[0] for line in sink.pactl("list", "short", "modules").splitlines() if "sink_name=out" in line
    )
    mark = ear.mark()
    sink.pactl("unload-module", number)
    ear.wait(State, lambda state: state.gone and state.ear == "lost", 8, since=mark)
    sink.pactl("unload-module", dummy)
    sink.kill()
    sink.restart()
    ear.wait(State, lambda state: state.ear == "ok" and not state.gone, 8, since=mark)


def test_a_device_that_is_not_there_is_told(ear: EarRig) -> None:
    ear.client.listen(Listen("no-such-card"))
    lost = ear.wait(State, lambda state: state.ear == "lost")
    assert "no-such-card" in lost.reason and not lost.gone
    ear.client.listen(Listen("out"))
    ear.wait(State, lambda state: state.ear == "ok" and state.opened > 1)


def test_a_muted_output_is_noticed_and_set_back(ear: EarRig, sink: NullSink) -> None:
    ear.wait(Volume, lambda volume: volume.percent == 100)
    sink.pactl("set-sink-mute", "out", "1")
    ear.wait(Volume, lambda volume: volume.muted and not volume.restored)
    ear.client.keep_volume(KeepVolume(True, None))
    ear.wait(Volume, lambda volume: volume.restored)
    assert "no" in sink.pactl("get-sink-mute", "out")
    mark = ear.mark()
    sink.pactl("set-sink-volume", "out", "30%")
    ear.wait(Volume, lambda volume: volume.percent == 30, since=mark)
    ear.wait(Volume, lambda volume: volume.restored, since=mark)
    assert "100%" in sink.pactl("get-sink-volume", "out")
