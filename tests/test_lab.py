"""The laboratory proves itself: what it says of a sound is checked against sounds that are known exactly."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from broadcaster.clock import monotonic
from tests.lab import analysis, signals
from tests.lab.dating import Dating
from tests.lab.recorder import Recorder
from tests.lab.sink import RATE, LabError, NullSink
from tests.lab.take import Take

BLOCK = 240


def take_of(signal: signals.Signal, start: float = 100.0) -> Take:
    stereo = np.repeat(signal.astype(np.float32)[:, np.newaxis], 2, axis=1)
    return Take(stereo, RATE, np.array([0.0]), np.array([start]))


def play(sink: NullSink, path: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(["paplay", str(path)], env=sink.child_env, stderr=subprocess.DEVNULL)


def heard(recorder: Recorder, since: float) -> float:
    """The instant at which something sounds, from ``since`` on."""
    take = recorder.wait_for(lambda now: analysis.onset(now, since) is not None, timeout=10, since=since)
    found = analysis.onset(take, since)
    assert found is not None
    return found


@contextmanager
def released(sink: NullSink, path: Path) -> Iterator[float]:
    """A prepared player is released; gives the instant of it. The player goes at the end."""
    command = [sys.executable, "-m", "tests.lab.release", str(path)]
    with subprocess.Popen(
        command, env=sink.child_env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin is not None and child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        at = monotonic() + 0.2
        child.stdin.write(f"{at}\n")
        child.stdin.flush()
        yield at


# --- dating ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ppm", [-200, 0, 200])
def test_dates_hold_under_jitter_and_drift(ppm: int) -> None:
    random, dating, true_rate = np.random.default_rng(7), Dating(RATE), RATE * (1 + ppm / 1e6)
    for index in range(0, 20 * RATE, BLOCK):
        late = random.exponential(0.0005) + (0.3 if random.random() < 0.01 else 0)
        dating.add(index, 50 + index / true_rate + late)
    take = Take(np.zeros((20 * RATE, 2), np.float32), RATE, *dating.knots())
    errors = [take.at(index) - (50 + index / true_rate) for index in range(0, 20 * RATE, 1000)]
    assert max(map(abs, errors)) < 0.0005


def test_a_stall_of_two_seconds_moves_no_date() -> None:
    dating = Dating(RATE)
    for index in range(0, 8 * RATE, BLOCK):
        due = 50 + index / RATE
        dating.add(index, max(due, 55.0) if 53 < due < 55 else due)
    take = Take(np.zeros((8 * RATE, 2), np.float32), RATE, *dating.knots())
    assert take.at(4 * RATE) == pytest.approx(54, abs=0.002)


def test_a_late_first_chunk_after_a_gap_moves_no_date_before_it() -> None:
    dating = Dating(RATE)
    for index in range(0, 2 * RATE, BLOCK):
        dating.add(index, 50 + index / RATE)
    dating.begin(3 * RATE)
    for index in range(3 * RATE, 4 * RATE, BLOCK):
        dating.add(index, 49.9 + index / RATE)
    take = Take(np.zeros((4 * RATE, 2), np.float32), RATE, *dating.knots())
    assert [take.at(second * RATE) for second in (1, 3, 4)] == pytest.approx([51, 52.9, 53.9])


def test_index_is_the_inverse_of_at() -> None:
    take = Take(np.zeros((1000, 2), np.float32), RATE, np.array([0.0, 400.0, 800.0]), np.array([5.0, 5.009, 5.017]))
    assert [take.index(take.at(index)) for index in (0, 1, 399, 700, 1000)] == [0, 1, 399, 700, 1000]
    assert take.cut(300, 900).at(50) == take.at(350)


# --- analysis --------------------------------------------------------------------------------------------------


def test_position_survives_gain_and_other_sound_over_it() -> None:
    reference, other = signals.ruler_signal(8), signals.ruler_signal(8, seed=2)
    mixed = 0.1 * reference[3 * RATE : 3 * RATE + RATE // 2] + 0.1 * other[: RATE // 2]
    place = analysis.position_in(take_of(mixed), reference)
    assert place.offset_s == pytest.approx(3, abs=1 / RATE)
    assert 0.6 < place.confidence < 0.8


def test_a_stranger_has_no_confident_position() -> None:
    stranger = take_of(signals.ruler_signal(0.5, seed=2))
    assert analysis.position_in(stranger, signals.ruler_signal(8)).confidence < 0.2


@pytest.mark.parametrize("offset", [-0.2, 3.7])
def test_a_slice_may_reach_past_the_recording(offset: float) -> None:
    reference, around = signals.ruler_signal(4), np.zeros(6 * RATE)
    around[RATE : 5 * RATE] = reference
    first = round((1 + offset) * RATE)
    place = analysis.position_in(take_of(around[first : first + RATE // 2]), reference)
    assert place.offset_s == pytest.approx(offset, abs=1 / RATE)


def test_tone_is_measured_beside_a_louder_one() -> None:
    time = np.arange(RATE) / RATE
    both = take_of(0.001 * np.sin(2 * np.pi * 440 * time) + 0.5 * np.sin(2 * np.pi * 1000 * time))
    assert analysis.tone_level_db(both, 440) == pytest.approx(-60, abs=0.1)


def test_silences_and_edges_are_found_to_the_sample() -> None:
    signal = np.concatenate((np.zeros(480), np.full(960, 0.1), np.zeros(1440), np.full(480, 0.1)))
    take = take_of(signal)
    assert analysis.silences(take, min_s=0.02) == [pytest.approx((100.03, 100.06))]
    assert analysis.onset(take, 100.0) == pytest.approx(100.01)
    assert analysis.last_sound(take, before=100.05) == pytest.approx(100.03)
    assert analysis.onset(take, 100.0, threshold_db=-10) is None


def test_ruler_is_steady_and_repeatable() -> None:
    signal = signals.ruler_signal(5, db=-20)
    assert np.array_equal(signal, signals.ruler_signal(5, db=-20))
    assert np.abs(analysis.envelope_db(take_of(signal), 0.1)[1:-1] + 20).max() < 0.25


def test_a_recording_that_would_clip_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"would clip: peak 1\.99"):
        signals.sine(tmp_path / "loud.wav", 1000, 0.1, db=6)


# --- with real sound -------------------------------------------------------------------------------------------


def test_without_a_sound_server_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LabError, match="need pulseaudio"):
        NullSink().__enter__()


@pytest.mark.audio
def test_prepared_player_is_heard_when_released(null_sink: NullSink, recorder: Recorder, tmp_path: Path) -> None:
    path = signals.sine(tmp_path / "tone.wav", 1000, 1.0)
    late: list[float] = []
    for _ in range(5):
        with released(null_sink, path) as at:
            late.append(heard(recorder, at - 0.1) - at)
    # A busy machine wakes the player late now and then, but never early; a wrong date would be in all of them.
    assert min(late) > -0.005
    assert min(late) < 0.015, late


@pytest.mark.audio
def test_two_recorders_give_one_date(null_sink: NullSink, recorder: Recorder, tmp_path: Path) -> None:
    with Recorder(null_sink) as second:
        since = monotonic()
        with play(null_sink, signals.click(tmp_path / "click.wav", 0.5)):
            assert heard(recorder, since) == pytest.approx(heard(second, since), abs=0.002)


@pytest.mark.audio
def test_level_and_length_are_exact(null_sink: NullSink, recorder: Recorder, tmp_path: Path) -> None:
    since = monotonic()
    play(null_sink, signals.sine(tmp_path / "tone.wav", 1000, 1.5, db=-12)).wait(10)
    take = recorder.wait_until(monotonic() + 0.2)
    first, last = analysis.onset(take, since), analysis.last_sound(take)
    assert first is not None and last is not None
    assert last - first == pytest.approx(1.5, abs=0.002)
    middle = take.slice(first + 0.1, last - 0.1)
    assert analysis.tone_level_db(middle, 1000) == pytest.approx(-12, abs=0.1)
    assert analysis.peak_db(middle) == pytest.approx(-12, abs=0.1)
    assert analysis.rms_db(middle) == pytest.approx(-15.01, abs=0.1)
    assert analysis.lufs(middle) == pytest.approx(-12, abs=0.1)


@pytest.mark.audio
def test_ruler_tells_its_second(null_sink: NullSink, recorder: Recorder, tmp_path: Path) -> None:
    reference, since = signals.ruler_signal(30), monotonic()
    with play(null_sink, signals.write_wav(tmp_path / "from 12.wav", reference[12 * RATE : 13 * RATE])):
        first = heard(recorder, since)
        take = recorder.wait_until(first + 0.9)
    place = analysis.position_in(take.slice(first + 0.5, first + 0.7), reference)
    assert place.offset_s == pytest.approx(12.5, abs=0.002)
    assert place.confidence > 0.99


@pytest.mark.audio
def test_killed_server_is_a_gap_of_the_right_length(null_sink: NullSink, recorder: Recorder, tmp_path: Path) -> None:
    path, since = signals.ruler(tmp_path / "ruler.wav", 1), monotonic()
    with play(null_sink, path) as player:
        heard(recorder, since)
        null_sink.kill()
        killed = monotonic()
        assert player.wait(5) != 0
    null_sink.restart()
    again = monotonic()
    recorder.wait_until(again)
    with play(null_sink, path):
        back = heard(recorder, again)
    gap_start, gap_end = analysis.silences(recorder.take(killed - 0.005), min_s=0.03)[0]
    assert gap_start == pytest.approx(killed, abs=0.02)
    assert gap_end == pytest.approx(back, abs=0.001)


@pytest.mark.audio
def test_frozen_server_answers_nothing_until_thawed(null_sink: NullSink, recorder: Recorder) -> None:
    before = monotonic()
    null_sink.freeze()
    try:
        with pytest.raises(LabError, match=r"not heard within 0\.5 s"):
            recorder.wait_until(before + 0.3, timeout=0.5)
    finally:
        null_sink.thaw()
    assert recorder.wait_until(monotonic()).end == pytest.approx(monotonic(), abs=0.3)
