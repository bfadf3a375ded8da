"""The mixer on pretended decks, under a clock that the tests turn."""

from __future__ import annotations

from typing import TypeVar

import pytest

from broadcaster.engine.channel import Channel
from broadcaster.engine.deck import Signal
from broadcaster.engine.envelope import volume_for
from broadcaster.engine.mixer import Mixer
from broadcaster.playout.protocol import (
    SILENT_DB,
    Beat,
    Bus,
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
    Quit,
    Stalled,
    Start,
    Started,
    Stop,
)
from tests.fake_rack import FakeDeck, FakeRack

_E = TypeVar("_E", bound=Event)
SONG, SPOT, JUNK, FIFO = "song.wav", "spot.wav", "junk.wav", "fifo"


class Desk:
    """A mixer, a rack and the time, in one hand."""

    def __init__(self) -> None:
        self.time = 100.0
        self.events: list[Event] = []
        self.signals: list[tuple[Channel, Signal]] = []
        self.rack = FakeRack({SONG: 180.0, SPOT: 10.0, JUNK: 0.0}, hanging={FIFO})
        self.mixer = Mixer(self.rack, self.events.append, lambda c, s: self.signals.append((c, s)), lambda: self.time)

    def run(self, until: float) -> None:
        """Let time pass as the loop does: from one wanted turn to the next."""
        while True:
            due = self.mixer.turn()
            while self.signals:
                self.mixer.heard(*self.signals.pop(0))
                due = min(due, self.time)
            if due > until:
                break
            self.time = max(due, self.time + 1e-6)
        self.time = until

    def tell(self, *commands: Command) -> None:
        for command in commands:
            self.mixer.obey(command)
        self.run(self.time + 0.001)

    def got(self, kind: type[_E]) -> list[_E]:
        return [event for event in self.events if isinstance(event, kind)]

    def playing(
        self, deck: str = "a", path: str = SONG, bus: Bus = "bed", gain_db: float = 0.0, offset_s: float = 0.0
    ) -> FakeDeck:
        self.tell(Load(deck, bus, path, gain_db, offset_s), Start(deck))
        return self.rack.decks[-1]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_start_is_released_ahead_by_the_lead(desk: Desk) -> None:
    desk.tell(Load("a", "bed", SONG, 0.0), Start("a", 105.0))
    desk.run(104.995)
    assert desk.got(Loaded) and not desk.rack.decks[0].released
    desk.run(105.0)
    assert [round(event.at, 4) for event in desk.got(Started)] == [105.0]


def test_the_later_word_about_a_start_holds(desk: Desk) -> None:
    desk.tell(Load("a", "bed", SONG, 0.0), Start("a", 105.0), Start("a", 103.0))
    desk.run(110.0)
    assert [round(event.at, 3) for event in desk.got(Started)] == [103.0]


def test_end_of_the_recording(desk: Desk) -> None:
    deck = desk.playing(path=SPOT, offset_s=4.0)
    desk.run(106.06)
    deck.signal(Signal.ENDED)
    desk.run(106.07)
    (ended,) = desk.got(Ended)
    assert ended.complete and ended.played_s == pytest.approx(6.0) and deck.closed


def test_a_player_that_never_says_so_has_ended_half_a_second_later(desk: Desk) -> None:
    desk.playing(path=SPOT)
    desk.run(110.45)
    assert not desk.got(Ended)
    desk.run(110.6)
    assert desk.got(Ended)[0].complete


def test_a_recording_that_breaks_off_has_failed(desk: Desk) -> None:
    deck = desk.playing(path=SPOT)
    desk.run(107.0)
    deck.signal(Signal.ENDED)
    desk.run(107.01)
    assert "of 10.000 s" in desk.got(Failed)[0].reason and desk.got(Failed)[0].played_s == pytest.approx(7.0, abs=0.01)


def test_time_without_running_is_given_back_at_the_end(desk: Desk) -> None:
    desk.playing(path=SPOT)
    desk.mixer.held(2.0)
    desk.run(112.4)
    assert desk.got(Stalled) == [Stalled(2.0)] and not desk.got(Ended)
    desk.run(112.6)
    assert desk.got(Ended)[0].complete


@pytest.mark.parametrize(
    ("load", "reason"),
    [
        (Load("a", "bed", JUNK, 0.0), "no sound"),
        (Load("a", "bed", "missing.wav", 0.0), "can't play"),
        (Load("a", "bed", SPOT, 0.0, offset_s=11.0), "10.000 s long"),
        (Load("a", "bed", SPOT, 0.0, duration_s=60.0), "not 60.000 s"),
        (Load("a", "bed", FIFO, 0.0), "not prepared after 3 s"),
    ],
)
def test_what_cannot_be_aired_fails_when_it_is_loaded(desk: Desk, load: Load, reason: str) -> None:
    desk.tell(load)
    desk.run(103.5)
    (failed,) = desk.got(Failed)
    assert reason in failed.reason and desk.rack.decks[0].closed and not desk.got(Loaded)


def test_a_player_that_refuses_is_a_failure_and_no_more(desk: Desk) -> None:
    desk.rack.refuse = True
    desk.tell(Load("a", "bed", SONG, 0.0))
    desk.rack.refuse = False
    desk.tell(Load("b", "bed", SONG, 0.0))
    assert [event.deck for event in desk.got(Failed)] == ["a"] and desk.got(Loaded) == [Loaded("b")]


def test_loaded_under_a_duck_is_ducked_from_its_first_frame(desk: Desk) -> None:
    desk.tell(Duck("bed", -20.0, 0.0))
    deck = desk.playing(gain_db=-3.0)
    voice = desk.playing("v", SPOT, bus="voice")
    assert set(deck.volumes) == {volume_for(-23.0)} and set(voice.volumes) == {100}


def test_duck_goes_down_holds_and_comes_back(desk: Desk) -> None:
    deck = desk.playing()
    desk.tell(Duck("bed", -12.0, 0.5, at=101.0))
    desk.run(100.999)
    assert deck.volumes == [100]
    desk.run(102.0)
    down = list(deck.volumes)
    assert down == sorted(set(down), reverse=True) and down[-1] == volume_for(-12.0) and len(down) > 25
    desk.tell(Duck("bed", 0.0, 0.5))
    desk.run(103.0)
    assert deck.volumes[len(down) :] == sorted(set(deck.volumes[len(down) :])) and deck.volume == 100


def test_fade_in_begins_in_silence_and_follows_the_amplitude(desk: Desk) -> None:
    desk.tell(Load("a", "bed", SONG, -6.0, fade_in_s=2.0), Start("a", 101.0))
    deck = desk.rack.decks[0]
    desk.run(101.0)
    assert deck.volumes == [0]
    desk.run(102.0)
    assert deck.volume == pytest.approx(volume_for(-6.0 - 6.02), abs=1)
    desk.run(103.1)
    assert deck.volume == volume_for(-6.0) and deck.volumes == sorted(deck.volumes)


def test_fade_out_ends_the_deck(desk: Desk) -> None:
    deck = desk.playing()
    desk.tell(Fade("a", 0.0, 1.0, at=102.0, stop=True))
    desk.run(103.1)
    (ended,) = desk.got(Ended)
    assert not ended.complete and ended.at == pytest.approx(103.0, abs=0.01)
    assert deck.closed and deck.volumes == sorted(deck.volumes, reverse=True)


def test_a_fade_out_to_come_leaves_the_fade_in_alone(desk: Desk) -> None:
    desk.tell(Load("a", "bed", SONG, 0.0, fade_in_s=1.0), Start("a", 101.0), Fade("a", 0.0, 1.0, at=103.0, stop=True))
    desk.run(102.1)
    assert desk.rack.decks[0].volume == 100
    desk.run(104.1)
    assert desk.got(Ended)


def test_gain_moves_in_decibels(desk: Desk) -> None:
    deck = desk.playing()
    desk.tell(Gain("a", -10.0, 1.0))
    desk.run(desk.time + 0.5)
    assert deck.volume == pytest.approx(volume_for(-5.0), abs=1)
    desk.run(desk.time + 1.0)
    assert deck.volume == volume_for(-10.0)


def test_nothing_makes_a_deck_louder_than_it_was_recorded(desk: Desk) -> None:
    desk.tell(Duck("bed", 12.0, 0.0))
    deck = desk.playing(gain_db=6.0)
    desk.tell(Gain("a", -12.0))
    desk.tell(Fade("a", 4.0, 0.0))
    desk.run(desk.time + 0.1)
    assert deck.volume == volume_for(-12.0) and max(deck.volumes) == 100


def test_mute_and_back(desk: Desk) -> None:
    deck = desk.playing()
    desk.tell(Duck("bed", SILENT_DB, 0.2))
    desk.run(desk.time + 0.3)
    assert deck.volume == 0
    desk.tell(Duck("bed", 0.0, 0.2))
    desk.run(desk.time + 0.3)
    assert deck.volume == 100


def test_stop_silences_at_once_and_answers_only_for_what_sounded(desk: Desk) -> None:
    deck = desk.playing()
    desk.tell(Load("b", "bed", SONG, 0.0))
    desk.mixer.obey(Stop("a"))
    desk.mixer.obey(Stop("b"))
    assert [event.deck for event in desk.got(Ended)] == ["a"]
    assert deck.volume == 0 and not deck.closed


def test_players_are_neither_made_nor_closed_just_before_a_start(desk: Desk) -> None:
    deck = desk.playing()
    desk.tell(Load("b", "bed", SONG, 0.0))
    desk.tell(Start("b", desk.time + 0.03))
    desk.tell(Stop("a"), Load("c", "bed", SONG, 0.0))
    assert not deck.closed and len(desk.rack.decks) == 2
    desk.run(desk.time + 0.1)
    assert deck.closed and len(desk.rack.decks) == 3 and len(desk.got(Loaded)) == 3


def test_a_command_that_crosses_an_end_is_no_complaint(desk: Desk) -> None:
    desk.playing()
    desk.tell(Stop("a"), Fade("a", 0.0, 1.0), Stop("a"), Gain("a", -3.0), Start("a"))
    assert not desk.got(Complaint)
    desk.tell(Stop("never"), Load("b", "bed", SONG, 0.0), Load("b", "bed", SONG, 0.0))
    assert ["never" in desk.got(Complaint)[0].text, "taken" in desk.got(Complaint)[1].text] == [True, True]


def test_beats_tell_where_the_decks_are(desk: Desk) -> None:
    desk.playing(offset_s=30.0)
    desk.run(102.0)
    beats = desk.got(Beat)
    assert 10 <= len(beats) <= 11
    assert beats[-1].decks["a"] == pytest.approx(30.0 + beats[-1].at - 100.0, abs=0.02) and beats[-1].rss_mb > 1


def test_at_rest_the_mixer_only_wants_to_beat(desk: Desk) -> None:
    desk.playing()
    desk.run(101.05)
    assert desk.mixer.turn() - desk.time > 0.1


def test_quit_silences_everything(desk: Desk) -> None:
    deck = desk.playing()
    desk.mixer.obey(Quit())
    assert desk.mixer.leaving and deck.volume == 0 and len(desk.got(Ended)) == 1
