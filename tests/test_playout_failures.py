"""Recordings that can't be played, spots that never end, a log that can't be written, and sixty days in a row."""

from __future__ import annotations

import threading
from collections.abc import Sized
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from broadcaster.asrun.entries import Outcome
from broadcaster.asrun.log import AsRunLog
from broadcaster.errors import StoreError
from broadcaster.playout.conductor import Conductor
from broadcaster.playout.journal import Journal
from broadcaster.playout.loop import ConductorLoop
from tests.playout_kit import BED, LOG_WAIT_S, World, local, small_plan, spot, world

TEN = local("10:00:00")


def silence_s(one: World, seconds: float) -> float:
    """Runs on; the longest time for which no bed sounded."""
    longest = silent = 0.0
    for _ in range(round(seconds / 0.05)):
        one.run(0.05)
        silent = silent + 0.05 if not one.bed() else 0.0
        longest = max(longest, silent)
    return longest


def test_a_spot_that_cannot_be_loaded_fails_and_leaves_the_bed_up(tmp_path: Path) -> None:
    with world(tmp_path / "home", small_plan(spot("a", "10:00:00")), TEN - timedelta(seconds=20)) as one:
        one.faults.unloadable.add("/voice/a.wav")
        one.run(25)
        (entry,) = one.spot_entries().values()
        assert (entry.outcome, "can't play" in entry.reason) == (Outcome.FAILED, True)
        assert one.bed_faults(0.0) == []


def test_a_spot_that_breaks_off_is_partial_and_the_bed_comes_back(tmp_path: Path) -> None:
    with world(tmp_path / "home", small_plan(spot("a", "10:00:00", 20.0)), TEN - timedelta(seconds=20)) as one:
        one.faults.breaks_at["/voice/a.wav"] = 8.0
        one.run(26)
        assert one.bed_faults(-14.0) == []
        one.run(4)
        (entry,) = one.spot_entries().values()
        assert (entry.outcome, entry.reason) == (Outcome.PARTIAL, "broke off")
        assert one.bed_faults(0.0) == []


def test_a_spot_that_never_ends_is_stopped_and_the_next_one_airs(tmp_path: Path) -> None:
    plan = small_plan(spot("a", "10:00:00", 20.0), spot("b", "10:00:23"))
    with world(tmp_path / "home", plan, TEN - timedelta(seconds=20)) as one:
        one.faults.endless.add("/voice/a.wav")
        one.run(70)
        log = {entry.ref: entry for entry in one.spot_entries().values()}
        assert (log["a"].outcome, "did not end" in log["a"].reason) == (Outcome.PARTIAL, True)
        assert log["b"].outcome is Outcome.AIRED
        assert len(one.tape.at("voice", one.clock.mono())) == 0
        assert one.bed_faults(0.0) == []


def test_a_spot_that_starts_late_is_not_cut_at_its_end(tmp_path: Path) -> None:
    with world(tmp_path / "home", small_plan(spot("a", "10:00:00", 20.0)), TEN - timedelta(seconds=20)) as one:
        one.run_to(TEN - timedelta(seconds=1))
        one.faults.late_s = 3.0
        one.run_to(TEN + timedelta(seconds=5))
        one.faults.late_s = 0.0
        one.run_to(TEN + timedelta(seconds=22.9))
        assert one.voice()[-1].duck.value(one.clock.mono()) == 0.0
        assert one.bed()[-1].duck.value(one.clock.mono()) == -14.0
        one.run(10)
        assert [entry.outcome for entry in one.spot_entries().values()] == [Outcome.AIRED]


@pytest.mark.parametrize("broken", ["/media/music-1.wav", "/media/music-0.wav"])
def test_another_track_stands_in_for_one_that_fails(tmp_path: Path, broken: str) -> None:
    with world(tmp_path / "home", small_plan(), TEN - timedelta(seconds=10)) as one:
        one.run(3)
        one.faults.unloadable.add(broken)
        assert silence_s(one, 400) <= 1.0
        assert broken not in {sound.path for sound in one.tape.sounds if sound.since > one.clock.mono_of(TEN) + 60}


def test_a_track_that_breaks_off_leaves_no_long_hole(tmp_path: Path) -> None:
    with world(tmp_path / "home", small_plan(), TEN - timedelta(seconds=10)) as one:
        one.run(3)
        one.faults.breaks_at["/media/music-2.wav"] = 30.0
        assert silence_s(one, 400) <= 1.0


def test_with_no_track_that_plays_it_tries_on_without_hurry(tmp_path: Path) -> None:
    with world(tmp_path / "home", small_plan(), TEN) as one:
        one.faults.unloadable.update(f"/media/music-{number}.wav" for number in range(3))
        one.run(300)
        assert len(one.engine.sent) < 1000
        one.faults.unloadable.clear()
        one.run(8)
        assert one.bed()


@pytest.mark.parametrize("load_s", [0.5, 1.2])
def test_a_slow_machine_still_comes_in_at_the_right_second(tmp_path: Path, load_s: float) -> None:
    with world(tmp_path / "home", small_plan(), TEN) as one:
        one.faults.load_s = load_s
        one.run(10)
        assert one.bed_faults(0.0) == []


def test_starts_that_are_always_late_do_not_make_it_stutter(tmp_path: Path) -> None:
    with world(tmp_path / "home", small_plan(), TEN) as one:
        one.faults.late_s = 0.2
        one.run(45)
        assert len(one.tape.sounds) < 8


class LockedLog(AsRunLog):
    """A log whose database refuses every write and every reading."""

    def _refuse(self, *values: Any, **named: Any) -> Any:
        raise StoreError("locked")

    arm_spot = spot_started = spot_ended = skip_spots = track_started = track_ended = spots_of = _refuse


def test_trouble_with_the_log_is_told_and_the_air_goes_on(tmp_path: Path) -> None:
    plan = small_plan(spot("a", "10:00:00"), spot("b", "10:00:30"))
    with world(tmp_path / "home", plan, TEN - timedelta(seconds=20)) as one:
        one.conductor = Conductor(one.engine, Journal(LockedLog(one.database, "main"), wait_s=LOG_WAIT_S), one.clock)
        one.take(plan)
        one.run(35)
        assert one.conductor.on_air.log_trouble == "locked"
        one.run(35)
        assert [sound.path for sound in one.voice()] == ["/voice/a.wav", "/voice/b.wav"]
        assert one.bed_faults(0.0) == []


def _sizes(thing: object, deep: int = 2) -> dict[str, int]:
    """Lengths of all collections that an object and its parts hold."""
    slots = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
    values = dict(getattr(thing, "__dict__", {}))
    values |= {name: getattr(thing, name) for name in slots if hasattr(thing, name)}
    found = {name: len(value) for name, value in values.items() if isinstance(value, Sized)}
    if deep:
        for name, value in values.items():
            if type(value).__module__.startswith("broadcaster.playout"):
                found |= {f"{name}.{inner}": size for inner, size in _sizes(value, deep - 1).items()}
    return found


def test_sixty_days_leave_nothing_behind(tmp_path: Path) -> None:
    short = {**BED, "from": "10:00", "to": "10:00:36"}
    rules = [spot("a", "10:00:05", 5.0), spot("b", "10:00:20", 5.0), spot("c", "10:00:30", 5.0, lateness="make_good")]
    plan = small_plan(*rules, dayparts=[short], music={"music": (9.0, 7.5)})
    with world(tmp_path / "home", plan, TEN - timedelta(seconds=10)) as one:
        one.faults.breaks_at = {"/voice/b.wav": 2.0, "/media/music-0.wav": 4.0}
        sizes: list[dict[str, int]] = []
        for day in range(60):
            one.run(20)
            one.clock.step(0.7 if day % 2 else -0.7)
            one.run(35)
            one.pause(86_400.0 - 55)
            if day in (9, 59):
                one.run(0.5)
                sizes.append(_sizes(one.conductor))
        assert len(one.log.open_entries()) == 0
        assert sizes[0].keys() == sizes[1].keys()
        assert {name: size for name, size in sizes[1].items() if size > sizes[0][name] + 3} == {}


def test_a_job_is_done_though_every_turn_fails(tmp_path: Path) -> None:
    done = threading.Event()

    class Broken(Conductor):
        def turn(self) -> None:
            raise RuntimeError("a turn that always fails")

    with world(tmp_path / "home", small_plan(), TEN) as one:
        loop = ConductorLoop()
        loop.start(Broken(one.engine, Journal(one.log, wait_s=LOG_WAIT_S), one.clock))
        loop.put(lambda conductor: done.set())
        assert done.wait(10.0)
        loop.stop()


def test_a_closed_conductor_commands_nothing_more(tmp_path: Path) -> None:
    with world(tmp_path / "home", small_plan(spot("a", "10:00:00", 20.0)), TEN - timedelta(seconds=10)) as one:
        one.run(15)
        one.conductor.close("stopped")
        sent = len(one.engine.sent)
        one.run(5)
        assert len(one.engine.sent) == sent
        assert one.log.open_entries() == []
        assert [entry.outcome for entry in one.spot_entries().values()] == [Outcome.PARTIAL]
