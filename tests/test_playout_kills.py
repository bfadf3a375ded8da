"""The daemon killed at any instant and started again: nothing is heard twice, nothing is lost without a word."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pytest

from broadcaster.asrun.entries import Outcome
from broadcaster.plan.plan import Plan
from broadcaster.playout.protocol import Start
from tests.playout_kit import Killed, World, heard, local, small_plan, spot, twice_s, world

RULES = ("2 min", "join", "skip", "make_good")
EVERY_S = 40
SPOTS = 140
TEN = local("10:00:00")


def busy_plan() -> Plan:
    """A spot every 40 seconds from 10:00 on, each with words of its own, taking turns at the rules of lateness."""
    rules = [
        spot(
            f"s{number}",
            f"{10 + number * EVERY_S // 3600:02d}:{number * EVERY_S // 60 % 60:02d}:{number * EVERY_S % 60:02d}",
            10.0 + number % 5,
            lateness=RULES[number % len(RULES)],
        )
        for number in range(SPOTS)
    ]
    return small_plan(*rules)


def survive(one: World, seconds: float, down_s: float) -> None:
    """Run on; a kill that comes by itself on the way is followed by a start."""
    until = one.clock.mono() + seconds
    while one.clock.mono() < until:
        try:
            one.run_to_mono(until)
        except Killed:
            one.restart(down_s)


def assert_told_and_heard_once(one: World) -> None:
    entries = one.spot_entries()
    sounds, now = one.voice(), one.clock.mono()
    for planned in one.rundown(TEN.date()).spots:
        if planned.end + timedelta(seconds=30) > one.now:
            continue
        pieces = heard(sounds, planned.path or "", now)
        assert planned.id in entries, f"{planned.id} is not in the log"
        entry = entries[planned.id]
        assert twice_s(pieces) < 0.001, (planned.id, pieces)
        assert entry.outcome is not None, entry
        assert entry.reason or entry.outcome is Outcome.AIRED, entry
        if entry.outcome is Outcome.AIRED:
            assert sum(piece.end - piece.start for piece in pieces) == pytest.approx(planned.duration_s, abs=0.01)
        if entry.outcome is Outcome.SKIPPED:
            assert pieces == []


def test_150_kills_at_random_instants(tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    print("seed", seed)
    dice = random.Random(seed)
    with world(tmp_path / "home", busy_plan(), TEN - timedelta(seconds=20)) as one:
        for _ in range(150):
            survive(one, dice.uniform(2.0, 45.0), 1.0)
            if dice.random() < 0.5:
                # In the middle of what the daemon does next: before or after a write, or between commands.
                one.fuse.left = dice.randrange(8)
                survive(one, EVERY_S / 2, dice.uniform(0.5, 5.0))
                one.fuse.left = None
            else:
                one.restart(dice.uniform(0.5, 5.0))
            one.run(3.0)
            assert one.bed_faults() == []
        one.run_to(TEN + timedelta(seconds=EVERY_S * SPOTS + 120))
        assert_told_and_heard_once(one)
        assert one.log.open_entries() == [entry for entry in one.log.open_entries() if entry.track]
        assert one.database.faults() == []


def on_air_again(tmp_path: Path, kill_at_s: float, down_s: float, step_s: float = 0.0) -> World:
    """One spot of 20 s at 10:00, killed ``kill_at_s`` after its instant, started again, and run to its end."""
    plan = small_plan(spot("a", "10:00:00", 20.0), spot("b", "10:01:00"))
    one = World(tmp_path / "home", plan, TEN - timedelta(seconds=15))
    one.run_to(TEN + timedelta(seconds=kill_at_s))
    one.clock.step(step_s)
    one.restart(down_s)
    return one


@pytest.mark.parametrize("kill_at_s", [-3.0, -0.7])
def test_killed_between_taking_on_and_command(tmp_path: Path, kill_at_s: float) -> None:
    one = on_air_again(tmp_path, kill_at_s, 2.0)
    one.run(30)
    (entry,) = [entry for entry in one.spot_entries().values() if entry.ref == "a"]
    assert entry.outcome is Outcome.AIRED
    assert len(one.voice()) == 1
    one.kill()


def test_killed_between_the_note_and_the_command_itself(tmp_path: Path) -> None:
    plan = small_plan(spot("a", "10:00:00", 20.0))
    with world(tmp_path / "home", plan, TEN - timedelta(seconds=15)) as one:

        def die(command: object) -> None:
            if isinstance(command, Start) and command.deck.startswith("voice"):
                one.faults.before_send = lambda command: None
                raise Killed

        one.faults.before_send = die
        survive(one, 60, 1.0)
        (piece,) = heard(one.voice(), "/voice/a.wav", one.clock.mono())
        assert piece.start < 3.0
        assert piece.end == pytest.approx(20.0)


@pytest.mark.parametrize("kill_at_s", [0.1, 5.0, 15.0])
def test_an_interrupted_spot_goes_on_at_the_second_where_it_should_be(tmp_path: Path, kill_at_s: float) -> None:
    one = on_air_again(tmp_path, kill_at_s, 1.0)
    one.run(2)
    (sound,) = one.tape.at("voice", one.clock.mono())
    assert sound.position(one.clock.mono()) == pytest.approx((one.now - TEN).total_seconds(), abs=0.001)
    one.run(30)
    (entry,) = [entry for entry in one.spot_entries().values() if entry.ref == "a"]
    assert entry.outcome is Outcome.PARTIAL
    assert "taken up again" in entry.reason
    one.kill()


@pytest.mark.parametrize("step_s", [-600.0, -30.0, -8.0, -4.0, -2.0])
@pytest.mark.parametrize("kill_at_s", [-0.3, 2.0, 12.0])
def test_killed_with_the_clock_set_back_nothing_is_heard_twice(tmp_path: Path, kill_at_s: float, step_s: float) -> None:
    one = on_air_again(tmp_path, kill_at_s, 0.5, step_s)
    one.run(700)
    assert twice_s(heard(one.voice(), "/voice/a.wav", one.clock.mono())) == 0.0
    (entry,) = [entry for entry in one.spot_entries().values() if entry.ref == "a"]
    assert entry.outcome in (Outcome.PARTIAL, Outcome.AIRED)
    one.kill()


def test_what_was_due_while_nothing_ran_is_told_the_next_morning(tmp_path: Path) -> None:
    plan = small_plan(spot("a", "10:00:00"), spot("b", "17:00:00"), spot("c", "17:10:00", lateness="make_good"))
    with world(tmp_path / "home", plan, TEN) as one:
        one.run(30)
        one.restart(22 * 3600.0)
        one.run(5)
        entries = one.spot_entries(TEN.date())
        assert [entry.outcome for entry in entries.values()] == [Outcome.AIRED, Outcome.SKIPPED, Outcome.SKIPPED]
        assert all(entry.reason for entry in list(entries.values())[1:])


def test_a_spot_across_midnight_is_taken_up(tmp_path: Path) -> None:
    late = {"id": "day", "title": "day", "from": "09:00", "to": "24:00", "bed": {"playlist": "music"}, "level": "soft"}
    plan = small_plan(spot("a", "23:59:50", 30.0), dayparts=[late])
    with world(tmp_path / "home", plan, local("23:59:30")) as one:
        one.run_to(local("23:59:58"))
        one.restart(3.0)
        one.run(30)
        entries = one.spot_entries(TEN.date())
        assert [entry.outcome for entry in entries.values()] == [Outcome.PARTIAL]
        assert one.voice()[-1].position(one.voice()[-1].until) == pytest.approx(30.0)
