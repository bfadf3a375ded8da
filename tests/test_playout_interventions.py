"""What people do to the air by hand: it takes hold, it is told in the log, a restart changes nothing, it ends."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from broadcaster.asrun.entries import Outcome
from broadcaster.errors import Conflict
from broadcaster.rundown.bed import bed_at
from tests.desk_kit import WHO, DeskWorld, desk_plan, desk_world, spot
from tests.playout_kit import Killed, local

TEN = local("10:00:00")


def assert_bed_where_it_should_be(one: DeskWorld) -> None:
    now, mono = one.now, one.clock.mono()
    wanted = bed_at(one.plan, one.rundown(TEN.date()), now, one.desk.interventions.bed_skips)
    here = {sound.path: sound.position(mono) for sound in one.bed()}
    for item in wanted:
        assert here[item.track.path] == pytest.approx(item.offset_s(now), abs=0.06)


def test_a_pause_silences_the_bed_and_ends_by_itself(tmp_path: Path) -> None:
    with desk_world(tmp_path, desk_plan(spot("a", "10:02:00", 20.0)), TEN) as one:
        one.run(10)
        one.desk.pause(5, **WHO)
        one.run(2)
        assert one.audible("bed") == []
        one.run_to(TEN + timedelta(seconds=125))
        assert one.audible("voice") == ["/voice/a.wav"] and one.audible("bed") == []
        one.run_to(TEN + timedelta(seconds=309))
        assert one.audible("bed") == []
        one.run_to(TEN + timedelta(seconds=312))
        assert one.bed_faults(0.0) == []


def test_tracks_of_a_pause_are_told_as_unheard_and_by_whom(tmp_path: Path) -> None:
    with desk_world(tmp_path, desk_plan(), local("09:00:00")) as one:
        one.run(70)
        one.desk.pause(1, **WHO)
        one.run(200)
        told = {entry.outcome: entry.reason for entry in one.log.entries(TEN.date())}
        assert "王兰" in told[Outcome.PARTIAL] and Outcome.AIRED in told


def test_a_daemon_killed_in_a_pause_is_still_paused_until_it_is_over(tmp_path: Path) -> None:
    with desk_world(tmp_path, desk_plan(), local("09:30:00")) as one:
        one.run(5)
        one.desk.pause(2, **WHO)
        heard_before = one.clock.mono() + 2
        one.run(10)
        one.restart(3.0)
        until = one.clock.mono() + 100
        while one.clock.mono() < until:
            one.run(0.5)
            assert one.clock.mono() < heard_before or one.audible("bed") == []
        one.run_to(local("09:32:08"))
        assert one.bed_faults(0.0) == []


def test_resuming_brings_the_bed_back_at_once(tmp_path: Path) -> None:
    with desk_world(tmp_path, desk_plan(), local("09:30:00")) as one:
        one.run(5)
        held = one.desk.pause(30, **WHO)
        one.run(60)
        one.desk.end(held.id, **WHO)
        one.run(2)
        assert one.bed_faults(0.0) == []
        assert list(one.desk.holding()) == []


def test_planned_silence_stays_silence_when_a_pause_ends_in_it(tmp_path: Path) -> None:
    parts = [
        {"id": "m", "title": "m", "from": "09:00", "to": "09:31", "bed": {"playlist": "music"}, "level": "soft"},
        {"id": "s", "title": "s", "from": "09:31", "to": "10:00", "bed": "silence"},
    ]
    with desk_world(tmp_path, desk_plan(spot("a", "09:50:00"), dayparts=parts), local("09:30:00")) as one:
        one.run(5)
        one.desk.pause(2, **WHO)
        one.run(130)
        assert one.audible("bed") == []


def test_muted_nothing_is_heard_and_the_log_runs_on(tmp_path: Path) -> None:
    with desk_world(tmp_path, desk_plan(spot("a", "10:00:00", 20.0)), TEN - timedelta(seconds=20)) as one:
        one.run(5)
        one.desk.mute(1, **WHO)
        one.run(0.6)
        until = one.clock.mono() + 58
        while one.clock.mono() < until:
            assert one.audible("bed") == [] and one.audible("voice") == []
            one.run(0.5)
        one.run(3)
        assert one.bed_faults(0.0) == []
        (entry,) = one.spot_entries().values()
        assert entry.outcome is Outcome.PARTIAL and "静音:王兰" in entry.reason


def test_a_stop_silences_everything_within_half_a_second(tmp_path: Path) -> None:
    plan = desk_plan(spot("a", "10:00:00", 20.0), spot("b", "10:01:00", 10.0))
    with desk_world(tmp_path, plan, TEN - timedelta(seconds=10)) as one:
        one.run(15)
        assert one.audible("bed") and one.audible("voice")
        held = one.desk.stop("火警演习", **WHO)
        one.run(0.5)
        assert one.audible("bed") == [] and one.audible("voice") == []
        one.run(90)
        assert one.bed() == [] and one.conductor.on_air.track is None
        a, b = one.spot_entries().values()
        assert (a.outcome, b.outcome) == (Outcome.PARTIAL, Outcome.SKIPPED)
        assert "火警演习" in a.reason and "火警演习" in b.reason
        one.desk.end(held.id, **WHO)
        one.run(2)
        assert one.bed_faults(0.0) == [] and len(one.voice()) == 1


def test_a_stop_stays_a_stop_over_a_restart_and_ends_with_the_next_days_programme(tmp_path: Path) -> None:
    with desk_world(tmp_path, desk_plan(spot("a", "10:00:00"), spot("b", "09:01:00")), local("09:30:00")) as one:
        one.run(5)
        held = one.desk.stop("", **WHO)
        assert held.until == local("09:00:00", "2026-11-25")
        one.restart(1.0)
        one.run_to(TEN + timedelta(seconds=30))
        assert one.bed() == [] and one.voice() == []
        one.turn_s = 5.0
        one.run_to(local("08:59:50", "2026-11-25"))
        one.turn_s = 0.25
        one.run_to(local("09:01:05", "2026-11-25"))
        assert one.audible("bed") and one.audible("voice") == ["/voice/b.wav"]


def test_a_spot_that_is_skipped_ends_at_once_and_is_never_said_again(tmp_path: Path) -> None:
    with desk_world(tmp_path, desk_plan(spot("a", "10:00:00", 20.0)), TEN - timedelta(seconds=10)) as one:
        one.run(15)
        sounding = one.conductor.on_air.spot
        assert sounding is not None
        one.desk.skip("spot", sounding.spot.id, **WHO)
        one.run(0.1)
        assert one.audible("voice") == []
        one.run(3)
        assert one.bed_faults(0.0) == []
        one.restart(1.0)
        one.run(30)
        assert len(one.voice()) == 1
        (entry,) = one.spot_entries().values()
        assert entry.outcome is Outcome.PARTIAL and entry.reason == "跳过:王兰 / skipped by 王兰"


def test_a_kill_right_after_the_skip_does_not_take_the_spot_up_again(tmp_path: Path) -> None:
    with desk_world(tmp_path, desk_plan(spot("a", "10:00:00", 20.0)), TEN - timedelta(seconds=10)) as one:
        one.run(15)
        sounding = one.conductor.on_air.spot
        assert sounding is not None
        one.fuse.left = 0
        with pytest.raises(Killed):
            one.desk.skip("spot", sounding.spot.id, **WHO)
        one.restart(0.5)
        one.run(30)
        assert len(one.voice()) == 1
        (entry,) = one.spot_entries().values()
        assert entry.outcome is Outcome.PARTIAL and "王兰" in entry.reason


def test_a_coming_spot_that_is_skipped_and_one_that_is_taken_back(tmp_path: Path) -> None:
    plan = desk_plan(spot("a", "10:00:00"), spot("b", "10:01:00"))
    with desk_world(tmp_path, plan, TEN - timedelta(seconds=60)) as one:
        one.run(5)
        a, b = one.rundown(TEN.date()).spots
        one.desk.skip("spot", a.id, **WHO)
        second = one.desk.skip("spot", b.id, **WHO)
        one.desk.end(second.id, **WHO)
        one.run_to(TEN + timedelta(seconds=90))
        assert [sound.path for sound in one.voice()] == ["/voice/b.wav"]
        entries = one.spot_entries()
        assert entries[a.id].outcome is Outcome.SKIPPED and "王兰" in entries[a.id].reason
        with pytest.raises(Conflict):
            one.desk.skip("spot", b.id, **WHO)


def test_skipped_tracks_cross_fade_and_the_rest_follows_also_after_a_restart(tmp_path: Path) -> None:
    with desk_world(tmp_path, desk_plan(), local("09:10:00")) as one:
        one.run(20)
        for _ in range(3):
            skipped = one.track
            one.desk.skip("track", skipped, **WHO)
            one.run(0.4)
            assert len(one.audible("bed")) >= 1
            one.run(5)
            assert one.track != skipped
            assert_bed_where_it_should_be(one)
        one.restart(2.0)
        one.run(3)
        assert_bed_where_it_should_be(one)
        one.run(300)
        assert_bed_where_it_should_be(one)
        skips = [entry for entry in one.log.entries(TEN.date()) if "跳过:王兰" in entry.reason]
        assert [entry.outcome for entry in skips] == [Outcome.PARTIAL] * 3
        with pytest.raises(Conflict):
            one.desk.skip("track", skipped, **WHO)


def test_the_bed_is_never_silent_through_a_skip(tmp_path: Path) -> None:
    with desk_world(tmp_path, desk_plan(), local("09:10:00")) as one:
        one.run(20)
        one.desk.skip("track", one.track, **WHO)
        until = one.clock.mono() + 6
        while one.clock.mono() < until:
            one.run(0.05)
            now = one.clock.mono()
            assert max(sound.gain_db(now) for sound in one.bed()) > -4.0 - 7.0


def test_a_trim_moves_bed_and_voice_within_a_second_and_holds_until_the_day_is_over(tmp_path: Path) -> None:
    with desk_world(tmp_path, desk_plan(spot("a", "10:00:00", 20.0)), TEN - timedelta(seconds=10)) as one:
        one.run(5)
        held = one.desk.trim("soft", 26, **WHO)
        one.run(1)
        assert one.bed()[-1].gain.value(one.clock.mono()) == pytest.approx(-6.0, abs=0.01)
        one.run_to(TEN + timedelta(seconds=5))
        one.desk.trim("speech", 23, **WHO)
        one.run(1)
        assert one.tape.at("voice", one.clock.mono())[-1].gain.value(one.clock.mono()) == pytest.approx(-3.0, abs=0.01)
        one.restart(1.0)
        one.run_to(TEN + timedelta(seconds=40))
        assert one.bed()[-1].gain.value(one.clock.mono()) == pytest.approx(-6.0, abs=0.01)
        one.desk.end(held.id, **WHO)
        one.run(1)
        assert one.bed()[-1].gain.value(one.clock.mono()) == pytest.approx(-4.0, abs=0.01)
        assert held.until == local("09:00:00", "2026-11-25")


def test_the_segment_on_air_tells_the_trimmed_dial(tmp_path: Path) -> None:
    with desk_world(tmp_path, desk_plan(), TEN) as one:
        one.run(5)
        one.desk.trim("soft", 22.5, **WHO)
        one.run(1)
        segment = one.conductor.on_air.segment
        assert segment is not None and (segment.dial, segment.gain_db) == (22.5, -2.5)


def test_play_now_is_heard_within_two_seconds_and_only_once(tmp_path: Path) -> None:
    with desk_world(tmp_path, desk_plan(spot("a", "12:00:00", 20.0)), TEN) as one:
        one.run(5.3)
        called = one.now
        held = one.desk.play("script", "a", **WHO)
        one.run(1.6)
        (sound,) = one.tape.at("voice", one.clock.mono())
        assert sound.path == "/voice/a.wav"
        one.restart(1.0)
        one.run(60)
        entries = [entry for entry in one.spot_entries().values() if entry.commanded_at]
        assert [(entry.kind, entry.ref) for entry in entries] == [("script", "a")]
        assert entries[0].commanded_at is not None and (entries[0].commanded_at - called).total_seconds() < 1.6
        (planned,) = [one for one in one.rundown(TEN.date()).spots if one.rule == "desk"]
        assert planned.by == "王兰" and planned.priority == "urgent"
        assert held not in one.desk.holding()
        one.run_to(local("12:00:30"))
        assert [entry.outcome for entry in one.spot_entries().values()][-1] is Outcome.AIRED


def test_play_now_queues_behind_what_speaks(tmp_path: Path) -> None:
    plan = desk_plan(spot("a", "10:00:00", 20.0), spot("b", "17:00:00", 10.0))
    with desk_world(tmp_path, plan, TEN - timedelta(seconds=5)) as one:
        one.run(10)
        one.desk.play("script", "b", **WHO)
        one.run(60)
        first, second = one.voice()
        assert (first.path, second.path) == ("/voice/a.wav", "/voice/b.wav")
        assert 0 < second.since - first.until < 5
        assert [entry.outcome for entry in one.spot_entries().values()] == [Outcome.AIRED, Outcome.AIRED]


def test_a_play_that_is_taken_back_in_the_queue_is_not_heard(tmp_path: Path) -> None:
    plan = desk_plan(spot("a", "10:00:00", 20.0), spot("b", "17:00:00", 10.0))
    with desk_world(tmp_path, plan, TEN - timedelta(seconds=5)) as one:
        one.run(10)
        held = one.desk.play("script", "b", **WHO)
        one.run(3)
        one.desk.end(held.id, **WHO)
        one.run(60)
        assert [sound.path for sound in one.voice()] == ["/voice/a.wav"]


def test_what_was_put_on_air_stands_in_the_days_rundown_however_often_it_is_compiled(tmp_path: Path) -> None:
    with desk_world(tmp_path, desk_plan(spot("a", "12:00:00", 20.0)), TEN) as one:
        one.run(5)
        one.desk.play("script", "a", **WHO)
        one.run(60)
        before = one.rundown(TEN.date()).spots
        one.restart(600)
        one.run(5)
        assert one.rundown(TEN.date()).spots == before
        assert sum(sound.path == "/voice/a.wav" for sound in one.voice()) == 1


@pytest.mark.parametrize("deed", ["pause", "mute", "stop"])
def test_a_new_engine_is_as_silent_as_the_one_before(tmp_path: Path, deed: str) -> None:
    with desk_world(tmp_path, desk_plan(spot("a", "09:30:20", 30.0)), local("09:30:00")) as one:
        one.run(5)
        if deed == "stop":
            one.desk.stop("试", **WHO)
        else:
            (one.desk.pause if deed == "pause" else one.desk.mute)(2, **WHO)
        one.run(20)
        one.engine.die()
        until = one.clock.mono() + 5
        while one.clock.mono() < until:
            one.run(0.05)
            assert one.audible("bed") == []
            assert deed == "pause" or one.audible("voice") == []


def test_a_spot_that_is_prepared_starts_at_the_level_it_was_trimmed_to(tmp_path: Path) -> None:
    with desk_world(tmp_path, desk_plan(spot("a", "10:00:00", 20.0)), TEN - timedelta(seconds=10)) as one:
        one.run(8)
        one.desk.trim("speech", 23, **WHO)
        one.run(2.2)
        (sound,) = one.tape.at("voice", one.clock.mono())
        assert sound.gain_db(sound.since) == pytest.approx(-3.0, abs=0.01)


def test_another_plan_leaves_hands_where_they_are(tmp_path: Path) -> None:
    plan = desk_plan(spot("a", "10:00:00", 20.0), spot("b", "17:00:00", 10.0))
    with desk_world(tmp_path, plan, TEN - timedelta(seconds=60)) as one:
        one.run(5)
        one.desk.trim("soft", 26, **WHO)
        one.desk.skip("spot", one.rundown(TEN.date()).spots[0].id, **WHO)
        one.desk.skip("track", one.track, **WHO)
        one.desk.play("script", "b", **WHO)
        one.run(8)
        begun, position = len(one.tape.sounds), {sound.path: sound.since for sound in one.bed()}
        one.take(one.plan.model_copy(update={"version": "2"}))
        one.run(2)
        assert {sound.path: sound.since for sound in one.bed()} == position and len(one.tape.sounds) == begun
        one.run(80)
        assert [sound.path for sound in one.voice()] == ["/voice/b.wav"]
        assert one.bed()[-1].gain.value(one.clock.mono()) == pytest.approx(-6.0, abs=0.01)


def test_spots_of_before_a_stop_ends_are_not_made_up_for(tmp_path: Path) -> None:
    plan = desk_plan(spot("a", "10:00:00", 10.0, lateness="make_good"), spot("b", "10:02:00", 10.0))
    with desk_world(tmp_path, plan, TEN - timedelta(seconds=10)) as one:
        one.run(5)
        held = one.desk.stop("试", **WHO)
        one.run(30)
        one.desk.end(held.id, **WHO)
        one.run(120)
        assert [sound.path for sound in one.voice()] == ["/voice/b.wav"]


def test_a_stop_before_opening_outlasts_the_opening(tmp_path: Path) -> None:
    plan = desk_plan(spot("a", "15:00:00", 10.0))
    with desk_world(tmp_path, plan, local("08:59:00")) as one:
        one.run(5)
        assert one.desk.stop("盘点", **WHO).until == local("09:00:00", "2026-11-25")
        one.run_to(local("09:02:00"))
        assert one.bed() == [] and [held.kind for held in one.desk.holding()] == ["stop"]


def test_a_level_trimmed_before_opening_holds_for_the_day(tmp_path: Path) -> None:
    with desk_world(tmp_path, desk_plan(spot("a", "15:00:00")), local("08:59:00")) as one:
        one.run(5)
        assert one.desk.trim("soft", 23, **WHO).until == local("09:00:00", "2026-11-25")


@pytest.mark.parametrize("deed", ["stop", "mute", "pause"])
def test_a_clock_that_is_set_back_makes_nothing_heard_again(tmp_path: Path, deed: str) -> None:
    with desk_world(tmp_path, desk_plan(spot("a", "15:00:00")), TEN) as one:
        one.run(5)
        if deed == "stop":
            one.desk.stop("盘点", **WHO)
        else:
            getattr(one.desk, deed)(5, **WHO)
        one.run(60)
        one.clock.step(-3600)
        one.run(3)
        assert one.audible("bed") == [] and [held.kind for held in one.desk.holding()] == [deed]
        one.restart(1.0)
        one.run(3)
        assert one.audible("bed") == [] and [held.kind for held in one.desk.holding()] == [deed]


def test_a_trim_outlasts_a_clock_that_is_set_back(tmp_path: Path) -> None:
    with desk_world(tmp_path, desk_plan(spot("a", "15:00:00")), TEN) as one:
        one.run(5)
        one.desk.trim("soft", 26, **WHO)
        one.run(5)
        trimmed_db = one.bed()[-1].gain_db(one.clock.mono())
        one.clock.step(-3600)
        one.run(5)
        assert one.bed()[-1].gain_db(one.clock.mono()) == pytest.approx(trimmed_db)


def test_a_pause_lasts_its_minutes_though_the_clock_is_set_back_and_another_deed_follows(tmp_path: Path) -> None:
    with desk_world(tmp_path, desk_plan(spot("a", "15:00:00")), TEN) as one:
        one.run(5)
        one.desk.pause(5, **WHO)
        one.run(60)
        one.clock.step(-3600)
        one.run(200)
        one.desk.trim("soft", 23, **WHO)
        one.run(50)
        assert one.audible("bed") == []
        one.run(60)
        assert one.bed_faults() == [] and [held.kind for held in one.desk.holding()] == ["trim"]


def test_after_a_stop_what_is_called_comes_first_and_does_not_wait_for_what_was_left_out(tmp_path: Path) -> None:
    plan = desk_plan(spot("weather", "10:00:30", 180.0), spot("a", "15:00:00", 10.0))
    with desk_world(tmp_path, plan, TEN) as one:
        one.run(5)
        held = one.desk.stop("演习", **WHO)
        one.run(40)
        one.desk.end(held.id, **WHO)
        one.run(1)
        one.desk.play("script", "a", **WHO)
        called = one.clock.mono()
        one.run(10)
        (said,) = one.voice()
        assert said.path == "/voice/a.wav" and said.since - called < 5.0
        one.run(60)
        assert [sound.path for sound in one.voice()] == ["/voice/a.wav"]


def test_what_is_called_after_a_skip_does_not_wait_for_the_rest_of_it(tmp_path: Path) -> None:
    plan = desk_plan(spot("weather", "10:00:05", 180.0), spot("a", "15:00:00", 10.0))
    with desk_world(tmp_path, plan, TEN) as one:
        one.run(20)
        one.desk.skip("spot", one.rundown(TEN.date()).spots[0].id, **WHO)
        one.run(3)
        one.desk.play("script", "a", **WHO)
        one.run(6)
        assert one.audible("voice") == ["/voice/a.wav"]
        one.restart(1.0)
        one.run(60)
        assert "weather" not in str([sound.path for sound in one.voice()[1:]])
