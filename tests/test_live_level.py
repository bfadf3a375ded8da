"""The speaker's level and the stream of a live page, without sound: blocks in, blocks out."""

from __future__ import annotations

import socket
import wave
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster.calls.live_level import BLOCK, LiveLevel, Mono
from broadcaster.calls.live_stream import LiveStream
from broadcaster.media.loudness import true_peak_db
from tests.lab.analysis import from_db
from tests.live_kit import wait

RATE = 48_000


def through(samples: np.ndarray) -> Mono:
    """What comes out of a fresh level."""
    level = LiveLevel()
    blocks = samples.astype(np.float32).reshape(-1, BLOCK)
    return np.concatenate([level.process(block) for block in blocks])


def syllables(seconds: float, db: float, seed: int = 1) -> np.ndarray:
    """Noise of speech's pitch in syllables, its loud parts at this RMS level."""
    dice = np.random.default_rng(seed)
    count = round(seconds * RATE) // BLOCK * BLOCK
    noise = np.convolve(dice.standard_normal(count), np.hanning(24), mode="same")
    noise *= from_db(db) / np.sqrt(np.mean(np.square(noise)))
    return noise * ((np.arange(count) / RATE % 0.35) < 0.25)


@pytest.mark.parametrize("db", [-38.0, -30.0, -22.0, -12.0])
def test_every_voice_comes_to_the_reference_within_two_decibels(db: float) -> None:
    heard = through(syllables(10, db))[3 * RATE :]
    stereo = np.repeat(heard[:, np.newaxis], 2, axis=1).astype(np.float64)
    assert pyloudnorm.Meter(RATE).integrated_loudness(stereo) == pytest.approx(-18.0, abs=2.0)


def test_a_shout_after_a_whisper_is_never_much_louder_than_the_voice() -> None:
    heard = through(np.concatenate([syllables(5, -40), np.clip(syllables(3, -9), -1, 1)]))
    shout = heard[5 * RATE : 6 * RATE]
    stereo = np.repeat(shout[:, np.newaxis], 2, axis=1).astype(np.float64)
    assert pyloudnorm.Meter(RATE, block_size=0.2).integrated_loudness(stereo) < -13.0


def test_the_room_is_not_raised_while_nobody_speaks() -> None:
    room = syllables(6, -65)
    assert np.sqrt(np.mean(np.square(through(room)))) < from_db(-45)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.floats(-1, 1, width=32), min_size=40, max_size=200),
    st.integers(1, 400),
    st.floats(0.01, 8.0),
)
def test_no_peak_passes_the_ceiling_whatever_comes(values: list[float], hold: int, scale: float) -> None:
    wild = np.clip(np.repeat(np.array(values), hold) * scale, -1, 1)
    wild = np.pad(wild, (0, -len(wild) % BLOCK))
    heard = through(np.concatenate([wild, np.zeros(BLOCK)]))
    assert true_peak_db(heard[:, np.newaxis]) <= -1.4


def test_it_answers_the_block_before_and_loses_nothing() -> None:
    level = LiveLevel()
    first, second = (np.full(BLOCK, value, np.float32) for value in (0.001, 0.002))
    assert not level.process(first).any()
    ratio = level.process(second) / first
    assert ratio.min() > 0 and np.abs(np.diff(ratio)).max() < 0.01


class Listener:
    """The engine's end of a stream."""

    def __init__(self, tmp: Path, chime: int = 0, longest_s: float = 5.0) -> None:
        self.over: list[str] = []
        chime_samples = np.full(chime, 0.5, np.float32)
        self.stream = LiveStream(chime_samples, longest_s, tmp / "a" / "b.wav", self.over.append)
        self.stream.start()
        host, port = self.stream.address.removeprefix("tcp://").split(":")
        self.line = socket.create_connection((host, int(port)))
        self.line.settimeout(5)

    def all(self) -> np.ndarray:
        """Everything up to the end."""
        data = b""
        while block := self.line.recv(65536):
            data += block
        self.line.close()
        return np.frombuffer(data, "<i2")


def piece(value: int, count: int = 4800) -> bytes:
    return np.full(count, value, "<i2").tobytes()


def test_pieces_go_out_in_their_order_after_the_chime_and_into_the_file(tmp_path: Path) -> None:
    listener = Listener(tmp_path, chime=4800)
    for n in (1, 0, 0, 2):
        listener.stream.put(n, piece(1000 * (n + 1)))
    listener.stream.end()
    heard = listener.all()
    assert (heard[:4800] == 16384).all()
    loud = np.flatnonzero(np.abs(heard[4800:]) > 200)
    spoken = heard[4800:][loud[0] : loud[-1]]
    thirds = [float(np.abs(spoken[at : at + 4000].astype(float)).mean()) for at in (200, 5000, 9800)]
    assert len(spoken) == pytest.approx(3 * 4800, abs=10) and thirds[0] < thirds[1]
    wait(lambda: listener.over == [""], 5, "the end is told")
    with wave.open(str(tmp_path / "a" / "b.wav")) as file:
        assert file.getframerate() == RATE and file.getnframes() >= 3 * 4800


def test_a_piece_that_never_comes_is_not_waited_for(tmp_path: Path) -> None:
    listener = Listener(tmp_path)
    listener.stream.put(1, piece(3000))
    listener.stream.put(2, piece(3000))
    wait(lambda: listener.stream.put(3, piece(3000)) < 0.4, 3, "the gap is passed over")
    listener.stream.end()
    assert np.count_nonzero(np.abs(listener.all()) > 300) > 2 * 4800


def test_it_is_cut_at_once(tmp_path: Path) -> None:
    listener = Listener(tmp_path, chime=RATE * 3)
    assert listener.line.recv(100)
    listener.stream.cut("aus")
    assert len(listener.all()) < RATE and wait(lambda: listener.over, 5, "told") == ["aus"]


def test_another_engine_takes_it_up(tmp_path: Path) -> None:
    listener = Listener(tmp_path, chime=RATE * 2)
    assert listener.line.recv(100)
    listener.line.close()
    host, port = listener.stream.address.removeprefix("tcp://").split(":")
    listener.line = socket.create_connection((host, int(port)), timeout=5)
    assert listener.line.recv(100)
    listener.stream.cut("")
    listener.all()


def test_nobody_who_comes_for_it_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("broadcaster.calls.live_stream.NO_ENGINE_S", 0.3)
    over: list[str] = []
    stream = LiveStream(np.zeros(0, np.float32), 5.0, tmp_path / "x.wav", over.append)
    stream.start()
    assert "engine" in wait(lambda: over, 5, "told")[0]
