"""One contract for real and pretended decks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

import pytest

from broadcaster.engine.deck import Deck, Rack, Signal
from broadcaster.errors import EngineError
from tests.fake_rack import FakeRack
from tests.lab import signals
from tests.lab.sink import NullSink

pytestmark = pytest.mark.audio


@dataclass
class Bench:
    """A rack, and recordings that it can find."""

    rack: Rack
    folder: Path
    signals: SimpleQueue[Signal]

    def open(self, name: str, offset_s: float = 0.0) -> Deck:
        return self.rack.open(str(self.folder / name), offset_s, 50, self.signals.put)

    def next(self, timeout: float = 3.0) -> Signal:
        return self.signals.get(timeout=timeout)


@pytest.fixture(params=["fake", "vlc"])
def bench(
    request: pytest.FixtureRequest, tmp_path: Path, null_sink: NullSink, monkeypatch: pytest.MonkeyPatch
) -> Bench:
    signals.sine(tmp_path / "tone.wav", 440.0, 1.5)
    (tmp_path / "text.wav").write_text("no sound, just words\n" * 100)
    rack: Rack
    if request.param == "fake":
        rack = FakeRack({str(tmp_path / "tone.wav"): 1.5, str(tmp_path / "text.wav"): 0.0})
    else:
        from broadcaster.engine.vlc_deck import VlcRack

        for name, value in null_sink.env.items():
            monkeypatch.setenv(name, value)
        rack = VlcRack()
    return Bench(rack, tmp_path, SimpleQueue())


def test_a_recording_gets_ready_and_tells_its_length(bench: Bench) -> None:
    deck = bench.open("tone.wav")
    assert bench.next() is Signal.READY
    assert deck.length_s() == pytest.approx(1.5, abs=0.001)
    deck.close()


def test_a_ready_deck_takes_volumes_and_is_released_in_silence(bench: Bench) -> None:
    deck = bench.open("tone.wav")
    assert bench.next() is Signal.READY
    deck.set_volume(0)
    deck.release()
    with pytest.raises(Empty):
        bench.next(timeout=0.2)
    deck.close()


def test_a_missing_file_is_broken(bench: Bench) -> None:
    deck = bench.open("missing.wav")
    assert bench.next() is Signal.BROKEN
    deck.close()


def test_words_are_ready_but_have_no_length(bench: Bench) -> None:
    deck = bench.open("text.wav")
    assert bench.next() is Signal.READY
    assert deck.length_s() == 0.0
    deck.close()


def test_released_beyond_its_end_it_ends(bench: Bench) -> None:
    deck = bench.open("tone.wav", offset_s=5.0)
    assert bench.next() is Signal.READY
    deck.release()
    assert bench.next() is Signal.ENDED
    deck.close()


def test_a_closed_deck_says_nothing(bench: Bench) -> None:
    deck = bench.open("tone.wav")
    assert bench.next() is Signal.READY
    deck.release()
    deck.close()
    with pytest.raises(Empty):
        bench.next(timeout=0.2)


def test_a_rack_without_an_output_refuses(tmp_path: Path, null_sink: NullSink, monkeypatch: pytest.MonkeyPatch) -> None:
    from broadcaster.engine.vlc_deck import VlcRack

    for name, value in {**null_sink.env, "PULSE_SERVER": f"unix:{tmp_path}/none"}.items():
        monkeypatch.setenv(name, value)
    rack = VlcRack()
    with pytest.raises(EngineError, match="output can't be opened"):
        rack.open(str(signals.sine(tmp_path / "tone.wav", 440.0, 1.0)), 0.0, 50, lambda signal: None)
