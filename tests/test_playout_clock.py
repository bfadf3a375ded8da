"""The wall clock set forward or back, a daemon that was not run for a while, midnight, and summer time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from broadcaster.asrun.entries import Outcome
from broadcaster.plan.plan import Plan
from tests.playout_kit import World, heard, local, small_plan, spot, starter_plan, twice_s, world
from tests.test_playout_kills import EVERY_S, assert_told_and_heard_once, busy_plan

TEN = local("10:00:00")
STEPS_S = [3600.0, 600.0, 2.0, 0.3, -0.3, -2.0, -600.0, -3600.0]


def assert_air_is_right(one: World) -> None:
    """The bed is the rundown's, and what is spoken is what is planned or is on its way to its end."""
    assert one.bed_faults() == []
    planned = one.rundown(one.now.date()).spot_at(one.now)
    sounds = one.tape.at("voice", one.clock.mono())
    assert len(sounds) <= 1
    if planned is not None and one.spot_entries()[planned.id].outcome is None:
        assert [sound.path for sound in sounds] == [planned.path]


@pytest.mark.parametrize("step_s", STEPS_S)
@pytest.mark.parametrize("at", ["09:41:58", "09:42:10", "10:29:59", "13:59:57", "17:24:58"])
def test_two_seconds_after_a_step_the_air_is_that_of_the_new_time(tmp_path: Path, at: str, step_s: float) -> None:
    with world(tmp_path / "home", starter_plan(), local(at) - timedelta(seconds=30)) as one:
        one.run_to(local(at))
        one.clock.step(step_s)
        one.run(2.0)
        assert_air_is_right(one)


def test_a_day_of_steps_says_nothing_twice(tmp_path: Path) -> None:
    with world(tmp_path / "home", busy_plan(), TEN - timedelta(seconds=20)) as one:
        for step_s in [-2.0, 600.0, -600.0, 0.3, 3600.0, -0.3, -3600.0, 2.0, 45.0, -45.0] * 2:
            one.run(EVERY_S * 3.3)
            one.clock.step(step_s)
            one.run(2.0)
            assert one.bed_faults() == []
        one.run_to(TEN + timedelta(seconds=EVERY_S * 70))
        assert_told_and_heard_once(one)


@pytest.mark.parametrize("ahead_s", [-5.0, -0.7, -0.2, 5.0])
def test_a_small_step_does_not_cut_what_is_being_said(tmp_path: Path, ahead_s: float) -> None:
    with world(tmp_path / "home", small_plan(spot("a", "10:00:00", 20.0)), TEN - timedelta(seconds=30)) as one:
        one.run_to(TEN + timedelta(seconds=ahead_s))
        one.clock.step(-2.0)
        one.run(40)
        (entry,) = one.spot_entries().values()
        assert entry.outcome is Outcome.AIRED
        assert len(one.voice()) == 1


def test_spots_before_a_corrected_clock_are_due_again_under_the_same_plan(tmp_path: Path) -> None:
    # The machine came up an hour ahead; the plan took hold then, and soon the clock was put right.
    with world(tmp_path / "home", small_plan(spot("a", "10:00:00")), TEN + timedelta(minutes=59)) as one:
        one.run(10)
        one.clock.step(-3600.0)
        one.run(120)
        assert [entry.outcome for entry in one.spot_entries().values()] == [Outcome.AIRED]


@pytest.mark.parametrize("at_s", [-300.0, -5.5, -4.0, -0.3, 0.2, 8.0, 200.0])
def test_after_20_minutes_of_not_running_lateness_decides(tmp_path: Path, at_s: float) -> None:
    rules = [spot(name, at, 20.0, lateness=rule) for name, at, rule in _PAUSED]
    with world(tmp_path / "home", small_plan(*rules), TEN - timedelta(minutes=10)) as one:
        one.run_to(TEN + timedelta(seconds=at_s))
        one.pause(1200.0)
        one.run(2.0)
        assert one.bed_faults() == []
        one.run(100.0)
        log = {entry.ref: entry for entry in one.spot_entries().values()}
        assert set(log) == {"first", "second", "third"}
        for name, entry in log.items():
            assert twice_s(heard(one.voice(), f"/voice/{name}.wav", one.clock.mono())) == 0.0
            assert entry.outcome is not None
        # Commanded before the pause, the engine spoke it all the same.
        assert log["first"].outcome is (Outcome.SKIPPED if at_s < -0.6 else Outcome.AIRED)
        assert log["second"].outcome is Outcome.SKIPPED
        assert log["third"].outcome is Outcome.AIRED


_PAUSED = [("first", "10:00:00", "2 min"), ("second", "10:05:00", "join"), ("third", "10:06:00", "make_good")]


def night_plan(timezone: str = "Asia/Shanghai") -> Plan:
    day = {"id": "day", "title": "day", "from": "00:00", "to": "24:00", "bed": {"playlist": "music"}, "level": "soft"}
    times = ["23:59:55", "00:00:20", "01:30", "02:30", "03:30"]
    return small_plan(
        *(spot(f"n{number}", at, 10.0) for number, at in enumerate(times)), dayparts=[day], timezone=timezone
    )


def test_across_midnight(tmp_path: Path) -> None:
    with world(tmp_path / "home", night_plan(), local("23:59:00")) as one:
        faults: list[str] = []
        one.run(2)
        one.each_turn = lambda: faults.extend(one.bed_faults())
        one.run(100)
        assert faults == []
        days = TEN.date(), TEN.date() + timedelta(days=1)
        log = [entry.outcome for entry in one.spot_entries(*days).values()]
        assert log == [Outcome.AIRED, Outcome.AIRED]
        starts = [one.clock.wall_of(sound.since).second for sound in one.voice()]
        assert starts == [55, 20]


@pytest.mark.parametrize("on", ["2026-03-29", "2026-10-25"])
def test_on_the_day_of_summer_time(tmp_path: Path, on: str) -> None:
    berlin = "Europe/Berlin"
    with world(tmp_path / "home", night_plan(berlin), local("01:28:00", on, berlin)) as one:
        one.turn_s = 0.4
        faults: list[str] = []
        one.run(2)
        one.each_turn = lambda: faults.extend(one.bed_faults())
        one.run_to(local("03:31:00", on, berlin))
        assert faults == []
        due = one.rundown(local("12:00", on, berlin).date()).spots[1:4]
        assert [one.clock.wall_of(sound.since) for sound in one.voice()] == [planned.at for planned in due]
