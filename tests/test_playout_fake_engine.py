"""The fake engine obeys as the real mixer does: one suite over both, in virtual time, without sound."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

import pytest

from broadcaster.engine.channel import Channel
from broadcaster.engine.deck import Signal
from broadcaster.engine.mixer import Mixer
from broadcaster.playout.protocol import (
    Command,
    Complaint,
    Duck,
    Ended,
    Event,
    Fade,
    Failed,
    Gain,
    Load,
    Loaded,
    Start,
    Started,
    Stop,
)
from tests.fake_engine import FakeEngine, Faults, Tape
from tests.fake_rack import FakeRack, gain_of

LENGTHS = {"/m/a.wav": 10.0, "/m/b.wav": 4.0}


class Bench(Protocol):
    """An engine in virtual time."""

    events: list[Event]

    def send(self, *commands: Command) -> None: ...

    def run(self, seconds: float) -> None: ...

    def gains_db(self) -> list[float]:
        """Of all decks that sound."""
        ...


class FakeBench:
    """The tests' engine."""

    def __init__(self) -> None:
        self.now = 0.0
        self.events: list[Event] = []
        self._engine = FakeEngine(lambda: self.now, Tape(), Faults(unloadable={"/m/none.wav"}))
        self.run(1.0)
        self.events.clear()

    def send(self, *commands: Command) -> None:
        for command in commands:
            self._engine.send(command)

    def run(self, seconds: float) -> None:
        until = self.now + seconds
        while self.now < until:
            self.now = min(self._engine.next_at(), until)
            self._engine.run_to(self.now)
            self.events += self._engine.arrived(self.now)

    def gains_db(self) -> list[float]:
        return [sound.gain_db(self.now) for bus in ("bed", "voice") for sound in self._engine.tape.at(bus, self.now)]


class MixerBench:
    """The real mixer on a rack without a player, whose decks end by themselves."""

    def __init__(self) -> None:
        self.now = 1.0
        self.events: list[Event] = []
        self._rack = FakeRack(LENGTHS, lead_s=0.0)
        self._mixer = Mixer(self._rack, self.events.append, self._post, lambda: self.now)
        self._signals: list[tuple[Channel, Signal]] = []
        self._channels: dict[str, Channel] = {}

    def _post(self, channel: Channel, signal: Signal) -> None:
        self._channels[channel.load.deck] = channel
        self._signals.append((channel, signal))

    def send(self, *commands: Command) -> None:
        for command in commands:
            self._mixer.obey(command)

    def run(self, seconds: float) -> None:
        until = self.now + seconds
        while True:
            due = self._mixer.turn()
            while self._signals:
                self._mixer.heard(*self._signals.pop(0))
                due = self._mixer.turn()
            if self.now >= until:
                break
            self.now = min(max(due, self.now), until, self.now + 0.01)
            for channel in self._channels.values():
                if channel.sounding and self.now >= channel.since + channel.length_s - channel.load.offset_s:
                    self._mixer.heard(channel, Signal.ENDED)
        self.events[:] = [event for event in self.events if type(event) in _TOLD]

    def gains_db(self) -> list[float]:
        return [gain_of(deck.volume) for deck in self._rack.decks if deck.released and not deck.closed and deck.volume]


_TOLD = (Loaded, Started, Ended, Failed, Complaint)


@pytest.fixture(params=[FakeBench, MixerBench])
def bench(request: pytest.FixtureRequest) -> Bench:
    make: Callable[[], Bench] = request.param
    return make()


def load(
    deck: str = "d", path: str = "/m/a.wav", gain_db: float = 0.0, offset_s: float = 0.0, fade_in_s: float = 0.0
) -> Load:
    return Load(deck, "bed", path, gain_db, offset_s=offset_s, duration_s=LENGTHS.get(path), fade_in_s=fade_in_s)


def kinds(bench: Bench) -> list[str]:
    return [type(event).__name__ for event in bench.events]


def near(*gains_db: float) -> list[object]:
    # The player's volume has steps of up to half a dB in the range used here, always downwards.
    return [pytest.approx(gain_db - 0.25, abs=0.3) for gain_db in gains_db]


def test_loaded_started_at_its_instant_ended_whole(bench: Bench) -> None:
    bench.send(load(offset_s=7.0), Start("d", 2.0))
    bench.run(6.0)
    assert kinds(bench) == ["Loaded", "Started", "Ended"]
    started, ended = bench.events[1:]
    assert isinstance(started, Started)
    assert isinstance(ended, Ended)
    assert started.at == pytest.approx(2.0, abs=0.011)
    assert (ended.complete, round(ended.played_s, 1)) == (True, 3.0)
    assert ended.at == pytest.approx(5.0, abs=0.02)


def test_a_later_start_holds(bench: Bench) -> None:
    bench.send(load(), Start("d", 1.5), Start("d", 3.0))
    bench.run(1.5)
    assert kinds(bench) == ["Loaded"]
    bench.run(1.0)
    assert kinds(bench) == ["Loaded", "Started"]


def test_a_start_in_the_past_is_at_once(bench: Bench) -> None:
    bench.send(load(), Start("d", 0.2))
    bench.run(0.2)
    assert kinds(bench) == ["Loaded", "Started"]


def test_a_deck_that_never_started_goes_without_a_word(bench: Bench) -> None:
    bench.send(load(), Start("d", 9.0))
    bench.run(0.5)
    bench.send(Stop("d"))
    bench.run(0.5)
    assert kinds(bench) == ["Loaded"]


def test_a_fade_that_stops_before_the_start_leaves_no_word(bench: Bench) -> None:
    bench.send(load(), Start("d", 9.0))
    bench.run(0.5)
    bench.send(Fade("d", 0.0, 0.4, stop=True))
    bench.run(10.0)
    assert kinds(bench) == ["Loaded"]


def test_stopped_while_it_sounds_it_says_how_long(bench: Bench) -> None:
    bench.send(load(), Start("d", 2.0))
    bench.run(3.0)
    bench.send(Stop("d"))
    bench.run(0.1)
    ended = bench.events[-1]
    assert isinstance(ended, Ended)
    assert (ended.complete, round(ended.played_s, 1)) == (False, 2.0)


def test_a_fade_to_a_stop_ends_when_it_is_over(bench: Bench) -> None:
    bench.send(load(), Start("d", 2.0), Fade("d", 0.0, 1.0, 4.0, stop=True))
    bench.run(3.5)
    assert bench.gains_db() == near(20 * math.log10(0.5))
    bench.run(1.0)
    ended = bench.events[-1]
    assert isinstance(ended, Ended)
    assert (ended.complete, round(ended.at, 1)) == (False, 5.0)


def test_a_fade_taken_back_lets_it_sound_on(bench: Bench) -> None:
    bench.send(load(), Start("d", 2.0), Fade("d", 0.0, 1.0, 4.0, stop=True))
    bench.run(2.0)
    bench.send(Fade("d", 1.0, 0.0))
    bench.run(3.0)
    assert kinds(bench) == ["Loaded", "Started"]
    assert bench.gains_db() == near(0.25)


def test_a_fade_in_begins_with_the_sound(bench: Bench) -> None:
    bench.send(load(fade_in_s=1.0, gain_db=-4.0), Start("d", 2.0))
    bench.run(1.5)
    assert bench.gains_db() == near(-4.0 + 20 * math.log10(0.5))
    bench.run(1.0)
    assert bench.gains_db() == near(-4.0)


def test_ducks_wait_for_their_instant_and_the_later_word_holds(bench: Bench) -> None:
    bench.send(load(), Start("d", 1.0), Duck("bed", -14.0, 1.0, 3.0))
    bench.run(1.5)
    assert bench.gains_db() == near(0.25)
    bench.run(1.0)
    assert bench.gains_db() == near(-7.0)
    bench.send(Duck("bed", 0.0, 0.5))
    bench.run(2.0)
    assert bench.gains_db() == near(0.25)


def test_a_duck_to_come_is_replaced(bench: Bench) -> None:
    bench.send(load(), Start("d", 1.0), Duck("bed", -14.0, 0.5, 3.0), Duck("bed", -6.0, 0.5, 4.0))
    bench.run(2.8)
    assert bench.gains_db() == near(0.25)
    bench.run(1.0)
    assert bench.gains_db() == near(-6.0)


def test_a_deck_to_come_is_ducked_too(bench: Bench) -> None:
    bench.send(Duck("bed", -10.0, 0.0))
    bench.run(0.5)
    bench.send(load(gain_db=-3.0), Start("d"))
    bench.run(0.5)
    assert bench.gains_db() == near(-13.0)


def test_a_gain_ramps_the_deck(bench: Bench) -> None:
    bench.send(load(gain_db=-2.0), Start("d", 1.0))
    bench.run(1.0)
    bench.send(Gain("d", -10.0, 1.0))
    bench.run(0.5)
    assert bench.gains_db() == near(-6.0)
    bench.run(1.0)
    assert bench.gains_db() == near(-10.0)


def test_what_cannot_be_loaded_fails(bench: Bench) -> None:
    bench.send(load(path="/m/none.wav"), Start("d", 2.0))
    bench.run(3.0)
    assert kinds(bench) == ["Failed"]


def test_unknown_decks_are_complained_of_and_ended_ones_are_not(bench: Bench) -> None:
    bench.send(load(path="/m/b.wav", offset_s=3.5), Start("d", 1.0))
    bench.run(2.0)
    bench.send(Stop("d"), Fade("d", 0.0, 1.0))
    bench.run(0.1)
    assert "Complaint" not in kinds(bench)
    bench.send(Stop("never"))
    bench.run(0.1)
    assert kinds(bench)[-1] == "Complaint"


def test_a_taken_name_is_complained_of(bench: Bench) -> None:
    bench.send(load(), load())
    bench.run(0.5)
    assert sorted(kinds(bench)) == ["Complaint", "Loaded"]
