"""The silence ladder in virtual time: each rung cures what it is for within 15 s, and none is climbed for nothing."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from broadcaster.asrun.entries import Outcome
from broadcaster.playout.on_air import Rung
from broadcaster.playout.protocol import OUTPUT_GONE, Failed, Stalled
from broadcaster.sound_causes import of_the_sound
from tests.fake_engine import Sound
from tests.playout_kit import BED, local, small_plan, spot, starter_plan
from tests.silence_kit import FALLBACK, TWO_OUTPUTS, Listened, listened

TEN = local("10:00:00")


def _fault(one: Listened, kind: str) -> None:
    """From now on nothing is heard, until the remedy of that rung."""
    decks = {sound.deck for sound in one.tape.sounds}
    paths = {sound.path for sound in one.bed()}
    born = len(one.engine.starts)
    cures = {
        "track": lambda sound: sound.deck not in decks,
        "next": lambda sound: sound.path not in paths,
        "engine": lambda sound: len(one.engine.starts) > born,
        "output": lambda sound: one.engine.device == "hdmi",
        "fallback": lambda sound: sound.path == FALLBACK.path,
    }
    one.audible = cures[kind]


@pytest.mark.parametrize("kind", ["track", "next", "engine", "output", "fallback"])
def test_each_fault_is_cured_by_its_rung_within_fifteen_seconds(tmp_path: Path, kind: Rung) -> None:
    with listened(tmp_path / "home", small_plan(), TEN) as one:
        one.conductor.take_outputs(TWO_OUTPUTS)
        one.run(20)
        _fault(one, kind)
        one.silent_s = 0.0
        one.run(30)
        assert 4.0 < one.silent_s < 15.0
        assert one.climbed()[-2 if kind != "fallback" else -1] == kind
        one.run(10)
        assert one.sounds() and one.conductor.on_air.dead_air_s == 0.0
        assert one.conductor.on_air.rung == ("fallback" if kind == "fallback" else "none")


def test_where_nothing_helps_the_plan_goes_on_and_people_are_told(tmp_path: Path) -> None:
    with listened(tmp_path / "home", small_plan(), TEN) as one:
        one.conductor.take_outputs(TWO_OUTPUTS)
        one.run(20)
        one.audible = lambda sound: False
        one.run(30)
        assert one.climbed()[-6:] == ["track", "next", "engine", "output", "fallback", "alert"]
        assert one.bed_faults() == [] and one.conductor.on_air.dead_air_s > 25
        started = len(one.engine.starts)
        one.run(600)
        # Tried again and again, ever more seldom.
        assert 3 <= len(one.engine.starts) - started < 25
        one.audible = lambda sound: True
        one.run(90)
        assert one.conductor.on_air.rung == "none" and one.engine.device == "default"


def test_the_fallback_music_is_left_again_and_stays_longer_if_the_plan_is_still_silent(tmp_path: Path) -> None:
    with listened(tmp_path / "home", small_plan(), TEN) as one:
        one.run(20)
        one.audible = lambda sound: sound.path == FALLBACK.path
        one.run(220)
        begun = [at for at, rung in one.rungs if rung == "fallback"]
        gaps = [round(later - earlier) for earlier, later in pairwise(begun)]
        assert gaps == sorted(gaps) and gaps[0] < 14 and gaps[-1] > 60
        one.audible, one.silent_s = (lambda sound: True), 0.0
        one.run(200)
        assert one.conductor.on_air.rung == "none" and one.bed_faults(0.0) == [] and one.silent_s < 1.0


def test_once_the_fallback_music_is_heard_the_plans_own_track_is_tried_again_soon(tmp_path: Path) -> None:
    with listened(tmp_path / "home", small_plan(), TEN) as one:
        one.run(20)
        # Whatever it was that took so long, the output works again with the fallback music.
        cured: list[float] = []

        def audible(sound: Sound) -> bool:
            if sound.path == FALLBACK.path:
                cured.append(one.clock.mono())
            return bool(cured)

        one.audible = audible
        one.run(35)
        assert one.bed_faults(0.0) == [] and one.conductor.on_air.rung == "none"
        one.run(60)
        assert one.climbed().count("fallback") == 1


def test_a_new_engine_is_not_replaced_before_it_can_be_heard(tmp_path: Path) -> None:
    with listened(tmp_path / "home", small_plan(), TEN) as one:
        one.run(20)
        one.faults.stillborn = True
        one.engine.die()
        one.run(6)
        one.faults.stillborn = False
        one.run(20)
        assert set(one.climbed()) == {"none"} and one.sounds()


def test_what_nobody_watched_is_no_silence(tmp_path: Path) -> None:
    with listened(tmp_path / "home", small_plan(), TEN) as one:
        one.run(20)
        one.pause(1200)
        one.run(10)
        assert one.climbed() == ["none"] and len(one.engine.starts) == 1


def test_an_overloaded_pc_replaces_its_engine_ever_more_seldom_and_is_set_right_when_it_is_calm(tmp_path: Path) -> None:
    with listened(tmp_path / "home", small_plan(), TEN) as one:
        one.run(20)
        one.ear = "none"
        for _ in range(120):
            one.conductor.event(Stalled(0.7))
            one.run(2)
        assert 2 <= len(one.engine.starts) < 8
        decks = {sound.deck for sound in one.bed()}
        one.run(25)
        assert decks.isdisjoint(sound.deck for sound in one.bed()) and one.bed_faults() == []


def test_a_device_that_was_away_is_played_to_by_a_new_engine_at_once(tmp_path: Path) -> None:
    with listened(tmp_path / "home", small_plan(), TEN) as one:
        one.run(20)
        born = len(one.engine.starts)
        one.audible = lambda sound: len(one.engine.starts) > born
        one.opened, one.silent_s = 2, 0.0
        one.run(10)
        assert one.silent_s < 2.0 and len(one.engine.starts) == born + 1


def test_an_ear_that_was_away_by_itself_replaces_nothing(tmp_path: Path) -> None:
    with listened(tmp_path / "home", small_plan(), TEN) as one:
        one.run(20)
        born = len(one.engine.starts)
        one.ear = "starting"
        one.run(5)
        one.ear, one.opened = "ok", 2
        one.run(30)
        assert len(one.engine.starts) == born and one.climbed() == ["none"]


@pytest.mark.parametrize("ear", ["none", "off", "starting"])
def test_a_deaf_station_climbs_nothing(tmp_path: Path, ear: str) -> None:
    with listened(tmp_path / "home", small_plan(), TEN) as one:
        one.ear = ear  # type: ignore[assignment]
        one.audible = lambda sound: False
        one.run(120)
        assert one.climbed() == ["none"] and one.conductor.on_air.dead_air_s == 0.0


def test_a_muted_system_is_told_and_not_fought(tmp_path: Path) -> None:
    with listened(tmp_path / "home", small_plan(), TEN) as one:
        one.run(20)
        one.audible, one.muted = (lambda sound: False), True
        one.run(60)
        assert one.conductor.on_air.dead_air_s > 55 and one.climbed() == ["none"]
        assert one.bed_faults(0.0) == []


def test_with_no_output_left_the_players_word_is_no_sound(tmp_path: Path) -> None:
    with listened(tmp_path / "home", small_plan(), TEN) as one:
        one.run(20)
        one.ear, one.gone, one.audible = "lost", True, lambda sound: False
        one.run(60)
        assert one.conductor.on_air.dead_air_s > 50 and set(one.climbed()) <= {"none", "engine"}
        assert one.bed_faults(0.0) == []
        told = [cause.code for cause in of_the_sound(one.conductor.on_air)]
        assert told == ["output-gone"]
        one.ear, one.gone, one.audible, one.opened = "ok", False, lambda sound: True, 2
        one.run(15)
        assert one.conductor.on_air.dead_air_s == 0.0 and of_the_sound(one.conductor.on_air) == []


def test_a_recording_that_is_silent_itself_is_passed_over(tmp_path: Path) -> None:
    with listened(tmp_path / "home", small_plan(), local("09:00:00")) as one:
        one.record("/media/music-1.wav", (-90.0,) * 200)
        one.run(400)
        assert one.silent_s < 8.0
        assert set(one.climbed()) == {"none", "next"}


def test_a_quiet_passage_is_no_fault(tmp_path: Path) -> None:
    with listened(tmp_path / "home", small_plan(), local("09:00:00")) as one:
        for number in range(3):
            one.record(f"/media/music-{number}.wav", ((-20.0,) * 20 + (-80.0,) * 14) * 6)
        one.run(600)
        assert one.silent_s > 6.0
        assert one.climbed() == ["none"]


def test_with_all_tracks_gone_the_fallback_music_airs_without_a_hole(tmp_path: Path) -> None:
    with listened(tmp_path / "home", small_plan(), TEN) as one:
        one.run(20)
        one.faults.unloadable.update(f"/media/music-{number}.wav" for number in range(3))
        one.silent_s = 0.0
        one.run(400)
        assert one.silent_s < 2.0
        entries = [entry for entry in one.log.entries(TEN.date()) if entry.track and entry.track.startswith("fallback")]
        assert entries and entries[0].title == FALLBACK.title and "fallback" in entries[0].reason


def test_an_empty_playlist_airs_the_fallback_music(tmp_path: Path) -> None:
    with listened(tmp_path / "home", small_plan(music={"music": ()}), TEN) as one:
        one.run(500)
        assert one.silent_s < 2.0 and one.climbed() == ["none"]


def test_an_output_that_cannot_be_opened_is_no_fault_of_the_recordings(tmp_path: Path) -> None:
    with listened(tmp_path / "home", small_plan(), TEN) as one:
        one.run(1)
        for _ in range(20):
            deck = one.bed()[-1].deck
            one.conductor.event(Failed(deck, OUTPUT_GONE))
            one.run(2)
        assert one.bed_faults() == []


def test_against_an_output_that_cannot_be_opened_no_other_music_is_tried(tmp_path: Path) -> None:
    with listened(tmp_path / "home", small_plan(), TEN) as one:
        one.run(20)
        one.audible = lambda sound: False
        for _ in range(40):
            for sound in one.bed():
                one.conductor.event(Failed(sound.deck, OUTPUT_GONE))
            one.run(0.5)
        assert "engine" in one.climbed() and not {"track", "next", "fallback"} & set(one.climbed())


def test_a_missing_output_is_left_at_once_and_taken_back_when_it_is_there(tmp_path: Path) -> None:
    plan = small_plan()
    sound = plan.station.sound.model_copy(update={"output": "usb"})
    plan = plan.model_copy(update={"station": plan.station.model_copy(update={"sound": sound})})
    with listened(tmp_path / "home", plan, TEN) as one:
        one.run(5)
        assert one.engine.device == "usb"
        one.conductor.take_outputs(TWO_OUTPUTS)
        one.run(1)
        assert one.engine.device == "default" and one.conductor.on_air.output_missing == "usb"
        one.conductor.take_outputs(type(TWO_OUTPUTS)({"usb": "USB", **TWO_OUTPUTS.names}, "speakers"))
        one.run(15)
        assert one.engine.device == "usb" and one.conductor.on_air.output_missing == ""


def test_a_grown_engine_is_replaced_in_the_next_planned_silence(tmp_path: Path) -> None:
    night = {"id": "night", "title": "n", "from": "11:00", "to": "12:00", "bed": "silence", "level": "soft"}
    with listened(tmp_path / "home", small_plan(dayparts=({**BED, "to": "11:00"}, night)), TEN) as one:
        one.run(5)
        one.engine.rss_mb = 300.0
        one.run(30)
        assert len(one.engine.starts) == 1
        one.run_to(local("11:00:30"))
        assert len(one.engine.starts) >= 2 and one.silent_s < 40


def _quiet_levels(length_s: float) -> tuple[float, ...]:
    """Music with a soft beginning, pauses in the middle, and a long end."""
    halves = round(2 * length_s)
    return tuple(
        -75.0 if place < 4 or 40 <= place % 97 < 48 or place > halves - 10 else -20.0 for place in range(halves)
    )


@pytest.mark.slow
def test_no_false_alarm_in_a_whole_day(tmp_path: Path) -> None:
    plan = starter_plan()
    with listened(tmp_path / "home", plan, local("07:00:00")) as one:
        one.turn_s = 1.0
        for track in (track for playlist in plan.playlists.values() for track in playlist.tracks):
            one.record(track.path, _quiet_levels(track.duration_s))
        one.run_to(local("23:30:00"))
        assert one.climbed() == ["none"]
        assert len(one.engine.starts) == 1
        assert any(entry.outcome is Outcome.AIRED for entry in one.spot_entries().values())


def test_a_spot_that_is_not_heard_goes_on_at_its_second_on_a_new_engine(tmp_path: Path) -> None:
    plan = small_plan(spot("a", "10:00:00", 30.0, bed="stop"))
    with listened(tmp_path / "home", plan, TEN - timedelta(seconds=20)) as one:
        one.run(22)
        born = len(one.engine.starts)
        one.audible = lambda sound: len(one.engine.starts) > born
        one.run(15)
        speaking: Sound = one.tape.at("voice", one.clock.mono())[-1]
        assert one.sounds() and speaking.position(one.clock.mono()) == pytest.approx(17, abs=0.1)
