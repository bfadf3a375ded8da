"""A plan that takes hold while another is on air."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from broadcaster.asrun.entries import Entry, Outcome
from broadcaster.plan.plan import Plan
from broadcaster.playout.protocol import Fade, Gain
from tests.playout_kit import BED, World, heard, local, small_plan, spot, world

TEN = local("10:00:00")


def changed(folder: Path, before: Plan, after: Plan, at_s: float, until_s: float = 60.0) -> World:
    """``before`` from 9:58 on; ``after`` from ``at_s`` seconds after ten on."""
    one = World(folder / "home", before, TEN - timedelta(minutes=2))
    one.run_to(TEN + timedelta(seconds=at_s))
    one.take(after)
    one.run_to(TEN + timedelta(seconds=until_s))
    one.kill()
    return one


def log_of(one: World) -> dict[str, Entry]:
    return {entry.ref: entry for entry in one.spot_entries().values()}


def starts_s(one: World) -> list[tuple[str, float]]:
    """Scripts and when they were first heard, in seconds after ten."""
    since_ten = [(one.clock.wall_of(sound.since) - TEN).total_seconds() for sound in one.voice()]
    return [(sound.path[7:-4], round(seconds, 3)) for sound, seconds in zip(one.voice(), since_ten, strict=True)]


@pytest.mark.parametrize("at_s", [-30.0, -4.0, -0.3, 5.0, 11.0])
def test_the_same_plan_costs_no_command_at_all(tmp_path: Path, at_s: float) -> None:
    plan = small_plan(spot("a", "10:00:00", 20.0))
    with world(tmp_path / "home", plan, TEN - timedelta(minutes=2)) as one:
        one.run_to(TEN + timedelta(seconds=at_s))
        sent = len(one.engine.sent)
        one.take(plan.model_copy(update={"version": "2"}))
        assert len(one.engine.sent) == sent


def test_another_level_ramps_the_deck_that_sounds(tmp_path: Path) -> None:
    with world(tmp_path / "home", small_plan(), TEN - timedelta(seconds=10)) as one:
        one.run_to(TEN)
        sounds = one.bed()
        sent = len(one.engine.sent)
        one.take(small_plan(soft=27.0))
        one.run(1.0)
        assert one.bed() == sounds
        assert [type(command) for command in one.engine.sent[sent:]] == [Gain]
        assert one.bed_faults(0.0) == []
        assert sounds[-1].gain_db(one.clock.mono()) == pytest.approx(-7.0)


@pytest.mark.parametrize(("was", "becomes"), [("10:01", "10:02"), ("10:02", "10:01"), ("10:00:04", "10:02")])
def test_closing_moved_keeps_the_track_and_fades_it_then(tmp_path: Path, was: str, becomes: str) -> None:
    before = small_plan(dayparts=[{**BED, "to": was}], music={"music": (300.0,)})
    after = small_plan(dayparts=[{**BED, "to": becomes}], music={"music": (300.0,)})
    with world(tmp_path / "home", before, TEN - timedelta(seconds=10)) as one:
        one.run_to(TEN)
        sounds = one.bed()
        one.take(after)
        one.run_to(local(f"{becomes}:00") - timedelta(seconds=2))
        assert one.bed() == sounds
        assert one.bed_faults(0.0) == []
        one.run(4)
        assert one.bed() == []
        assert one.clock.wall_of(sounds[0].until) == local(f"{becomes}:00")


def test_another_playlist_comes_in_at_its_own_second(tmp_path: Path) -> None:
    other = {**BED, "bed": {"playlist": "other"}}
    with world(tmp_path / "home", small_plan(), TEN - timedelta(seconds=10)) as one:
        one.run_to(TEN)
        one.take(small_plan(dayparts=[other], music={"other": (70.0, 50.0)}))
        one.run(1.0)
        assert one.bed_faults(0.0) == []
        assert one.bed()[-1].path.startswith("/media/other")
        assert isinstance(next(command for command in one.engine.sent if isinstance(command, Fade)), Fade)


def test_a_spot_added_airs_and_one_removed_does_not(tmp_path: Path) -> None:
    before = small_plan(spot("a", "10:00:20"), spot("b", "10:00:40"))
    one = changed(tmp_path, before, small_plan(spot("b", "10:00:40"), spot("c", "10:00:10")), -10.0)
    assert starts_s(one) == [("c", 10.0), ("b", 40.0)]
    assert set(log_of(one)) == {"b", "c"}


@pytest.mark.parametrize("at_s", [-4.5, -0.4])
def test_a_spot_removed_when_already_taken_on_is_told_in_the_log(tmp_path: Path, at_s: float) -> None:
    one = changed(tmp_path, small_plan(spot("a", "10:00:00")), small_plan(spot("b", "10:00:30")), at_s)
    assert starts_s(one) == [("b", 30.0)]
    entry = log_of(one)["a"]
    assert entry.outcome is Outcome.SKIPPED
    assert "plan" in entry.reason


@pytest.mark.parametrize("at_s", [-20.0, -4.5, -0.4])
def test_a_spot_put_later_airs_once_then(tmp_path: Path, at_s: float) -> None:
    one = changed(tmp_path, small_plan(spot("a", "10:00:00")), small_plan(spot("a", "10:00:30")), at_s)
    assert starts_s(one) == [("a", 30.0)]
    assert [entry.outcome for entry in one.spot_entries().values()][-1] is Outcome.AIRED
    assert all(entry.outcome is not None for entry in one.spot_entries().values())


def test_corrected_words_leave_what_is_said_alone_and_do_not_begin_anew(tmp_path: Path) -> None:
    one = changed(
        tmp_path,
        small_plan(spot("a", "10:00:00", 20.0)),
        small_plan(spot("a", "10:00:00", 20.0), texts={"a": "x"}),
        5.0,
    )
    (piece,) = heard(one.voice(), "/voice/a.wav", one.clock.mono())
    assert piece.end == 20.0 and starts_s(one) == [("a", 0.0)]
    assert (log_of(one)["a"].outcome, log_of(one)["a"].reason) == (Outcome.AIRED, "")
    assert one.conductor.on_air.bed_depth_db == 0.0


def test_a_script_that_is_taken_out_of_the_plan_stops(tmp_path: Path) -> None:
    one = changed(tmp_path, small_plan(spot("a", "10:00:00", 20.0)), small_plan(spot("b", "10:05:00", 20.0)), 5.0)
    (piece,) = heard(one.voice(), "/voice/a.wav", one.clock.mono())
    assert piece.end < 6.0
    assert (log_of(one)["a"].outcome, "plan" in log_of(one)["a"].reason) == (Outcome.PARTIAL, True)


def test_other_words_before_air_are_the_ones_that_air(tmp_path: Path) -> None:
    one = changed(
        tmp_path, small_plan(spot("a", "10:00:00")), small_plan(spot("a", "10:00:00"), texts={"a": "x"}), -4.0
    )
    assert starts_s(one) == [("x", 0.0)]


def test_changed_neighbours_leave_what_is_said_alone(tmp_path: Path) -> None:
    before = small_plan(spot("a", "10:00:00", 20.0), spot("b", "10:00:40"))
    after = small_plan(spot("a", "10:00:00", 20.0), spot("b", "10:00:45"), texts={"b": "new"})
    one = changed(tmp_path, before, after, 5.0)
    assert starts_s(one) == [("a", 0.0), ("new", 45.0)]
    assert log_of(one)["a"].outcome is Outcome.AIRED


def test_what_was_due_at_that_moment_is_not_lost(tmp_path: Path) -> None:
    spots: list[dict[str, Any]] = [spot("a", "09:59:30", 40.0), spot("b", "10:00:05", move_by="0 s")]
    # b is due while a, started late, still speaks; then the plan changes.
    with world(tmp_path / "home", small_plan(*spots), TEN - timedelta(minutes=2)) as one:
        one.restart(110.0)
        one.run_to(TEN + timedelta(seconds=20))
        planned = [entry.ref for entry in one.rundown(TEN.date()).spots]
        one.take(small_plan(*spots, spot("c", "10:03:00")))
        one.run(60)
        log = log_of(one)
        assert {log[name].outcome for name in planned} <= {Outcome.AIRED, Outcome.SKIPPED}
        assert set(log) == set(planned)


def test_a_late_spot_is_carried_into_the_new_plan(tmp_path: Path) -> None:
    spots = [spot("a", "10:00:00", 40.0), spot("b", "10:00:50")]
    with world(tmp_path / "home", small_plan(*spots), TEN - timedelta(minutes=2)) as one:
        one.restart(120.0 + 30.0)
        one.run_to(TEN + timedelta(seconds=60))
        one.take(small_plan(*spots, spot("c", "10:03:00")))
        one.run(60)
        assert [name for name, _ in starts_s(one)] == ["a", "b"]
        assert log_of(one)["b"].outcome is Outcome.AIRED


def test_due_spots_that_the_new_plan_lacks_are_told(tmp_path: Path) -> None:
    spots = [spot("a", "10:00:00", 40.0), spot("b", "10:00:50")]
    with world(tmp_path / "home", small_plan(*spots), TEN - timedelta(minutes=2)) as one:
        one.restart(120.0 + 30.0)
        one.run_to(TEN + timedelta(seconds=60))
        one.take(small_plan(spots[0]))
        one.run(60)
        assert (log_of(one)["b"].outcome, "plan changed" in log_of(one)["b"].reason) == (Outcome.SKIPPED, True)


def test_a_plan_that_takes_hold_at_three_says_nothing_of_the_morning(tmp_path: Path) -> None:
    plan = small_plan(spot("a", "10:00:00"), spot("b", "15:01:00"))
    with world(tmp_path / "home", plan, local("15:00:00")) as one:
        one.run(120)
        assert set(log_of(one)) == {"b"}
        one.restart(2.0)
        one.run(30)
        assert set(log_of(one)) == {"b"}
