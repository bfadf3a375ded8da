"""What becomes of spots that can't start on their instants, and what the log says about it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from broadcaster.asrun.entries import Entry, Outcome
from broadcaster.plan.plan import Plan
from tests.playout_kit import World, heard, local, small_plan, spot, world

TEN = local("10:00:00")


def after_ten(seconds: float) -> datetime:
    return TEN + timedelta(seconds=seconds)


def started_late(folder: Path, late_s: float, plan: Plan, until_s: float) -> tuple[World, dict[str, Entry]]:
    """The plan held since 9:50, but the daemon ran again only so long after ten."""
    one = World(folder / "home", plan, local("09:50:00"))
    one.restart(600 + late_s)
    one.run_to(after_ten(until_s))
    one.kill()
    return one, {entry.ref: entry for entry in one.spot_entries().values()}


def start_s(one: World, name: str) -> float:
    """When a script was first heard, in seconds after ten."""
    sound = next(sound for sound in one.voice() if sound.path == f"/voice/{name}.wav")
    return (one.clock.wall_of(sound.since) - TEN).total_seconds()


def test_join_enters_at_the_second_where_it_should_be(tmp_path: Path) -> None:
    one, log = started_late(tmp_path, 12, small_plan(spot("a", "10:00", 30, lateness="join")), 60)
    (piece,) = heard(one.voice(), "/voice/a.wav", one.clock.mono())
    assert piece.start == pytest.approx(start_s(one, "a"), abs=0.01)
    assert piece.end == pytest.approx(30)
    assert log["a"].outcome is Outcome.PARTIAL
    assert "joined inside" in log["a"].reason


def test_join_that_would_be_over_is_left_out(tmp_path: Path) -> None:
    one, log = started_late(tmp_path, 29, small_plan(spot("a", "10:00", 30, lateness="join")), 60)
    assert one.voice() == []
    assert (log["a"].outcome, "it would be over" in log["a"].reason) == (Outcome.SKIPPED, True)


def test_late_within_the_limit_plays_whole(tmp_path: Path) -> None:
    one, log = started_late(tmp_path, 100, small_plan(spot("a", "10:00", lateness="2 min")), 150)
    (piece,) = heard(one.voice(), "/voice/a.wav", one.clock.mono())
    assert [piece.start, piece.end] == pytest.approx([0.0, 10.0])
    assert log["a"].outcome is Outcome.AIRED
    assert "late" in log["a"].reason


@pytest.mark.parametrize(
    ("rule", "late_s", "word"), [("2 min", 121, "limit 120 s"), ("skip", 3, "skipped by its rule")]
)
def test_too_late_is_left_out_and_says_why(tmp_path: Path, rule: str, late_s: float, word: str) -> None:
    one, log = started_late(tmp_path, late_s, small_plan(spot("a", "10:00", lateness=rule)), 150)
    assert one.voice() == []
    assert log["a"].outcome is Outcome.SKIPPED
    assert word in log["a"].reason


@pytest.mark.parametrize("rule", ["join", "2 min", "skip", "make_good"])
def test_half_a_second_late_is_on_time_for_every_rule(tmp_path: Path, rule: str) -> None:
    one, log = started_late(tmp_path, 0.3, small_plan(spot("a", "10:00", lateness=rule)), 60)
    assert log["a"].outcome is Outcome.AIRED
    assert log["a"].reason == ""
    assert 0.3 < start_s(one, "a") < 1.0


def test_make_good_waits_for_a_free_place(tmp_path: Path) -> None:
    plan = small_plan(
        spot("a", "10:00:00", 30, lateness="make_good"),
        spot("b", "10:02:10", 20),
        spot("c", "10:02:50", 20),
        spot("d", "10:04:00", 20),
    )
    one, log = started_late(tmp_path, 120, plan, 300)
    assert {name: entry.outcome for name, entry in log.items()} == dict.fromkeys("abcd", Outcome.AIRED)
    # Between b and c there are 20 s, between c and d 50 s.
    assert 190 < start_s(one, "a") < 195
    assert [start_s(one, name) for name in "bcd"] == pytest.approx([130, 170, 240])


def test_make_good_without_a_place_is_told_when_the_programme_ends(tmp_path: Path) -> None:
    day = {"id": "day", "title": "day", "from": "09:00", "to": "10:03", "bed": {"playlist": "music"}, "level": "soft"}
    plan = small_plan(spot("a", "10:00", 90, lateness="make_good"), spot("b", "10:02:00", 30), dayparts=[day])
    one, log = started_late(tmp_path, 60, plan, 200)
    assert log["a"].outcome is Outcome.SKIPPED
    assert "no free place" in log["a"].reason
    assert [sound.path for sound in one.voice()] == ["/voice/b.wav"]


def test_a_lower_spot_that_is_late_gives_way_to_a_higher_one(tmp_path: Path) -> None:
    low, high = {"priority": "rotation", "lateness": "5 min"}, {"priority": "urgent"}
    plan = small_plan(spot("low", "10:00:00", 40, **low), spot("high", "10:01:30", 20, **high))
    one, log = started_late(tmp_path, 60, plan, 200)
    assert start_s(one, "high") == pytest.approx(90)
    assert start_s(one, "low") == pytest.approx(111)
    assert log["low"].outcome is log["high"].outcome is Outcome.AIRED


def test_of_two_that_are_late_the_higher_goes_first(tmp_path: Path) -> None:
    plan = small_plan(spot("low", "10:00:00", 10, priority="rotation"), spot("high", "10:00:20", 10, priority="urgent"))
    one, _ = started_late(tmp_path, 60, plan, 100)
    assert [sound.path for sound in one.voice()] == ["/voice/high.wav", "/voice/low.wav"]


def test_a_busy_voice_makes_the_next_late_not_lost(tmp_path: Path) -> None:
    plan = small_plan(spot("a", "10:00:00", 40), spot("b", "10:00:50", 10), spot("c", "10:01:05", lateness="skip"))
    one, log = started_late(tmp_path, 30, plan, 200)
    assert start_s(one, "b") > 71
    assert log["b"].outcome is Outcome.AIRED
    assert "late" in log["b"].reason
    assert (log["c"].outcome, bool(log["c"].reason)) == (Outcome.SKIPPED, True)


def test_without_a_recording_the_log_says_so(tmp_path: Path) -> None:
    plan = small_plan(spot("a", "10:00:00"), spot("b", "10:00:30"))
    clips: dict[str, Any] = {**plan.clips, "a*1": plan.clips["a*1"].model_copy(update={"path": None})}
    with world(tmp_path / "home", plan.model_copy(update={"clips": clips}), local("09:59:40")) as one:
        one.run(80)
        log = {entry.ref: entry for entry in one.spot_entries().values()}
        assert (log["a"].outcome, "no recording" in log["a"].reason) == (Outcome.FAILED, True)
        assert log["b"].outcome is Outcome.AIRED
