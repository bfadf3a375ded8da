"""A PC that starts with a dead battery airs background music until the time can be believed."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from broadcaster.clock_trust import ClockTrust, floor_of, music_only
from broadcaster.ops.time_sync import TimeSync
from broadcaster.playout.air import Air
from broadcaster.settings import Home
from tests.playout_kit import VirtualClock, local, small_plan, spot, starter_plan, world

ALIVE = datetime(2026, 11, 22, 9, tzinfo=UTC)
DEAD_BATTERY = datetime(2009, 1, 1, tzinfo=UTC)


def _trust(home: Home, now: datetime, state: str = "unsynchronized") -> ClockTrust:
    sync = TimeSync(state, "")  # type: ignore[arg-type]
    return ClockTrust(home, VirtualClock(now), floor_of(home, ALIVE, None), sync=lambda: sync)


def _wait(ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_clock_before_the_last_sign_of_life_is_not_believed(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert _trust(home, ALIVE + timedelta(days=400)).trusted
    assert not _trust(home, DEAD_BATTERY).trusted
    assert not _trust(home, ALIVE - timedelta(hours=8)).trusted


def test_a_new_store_holds_the_clock_against_the_program_itself(tmp_path: Path) -> None:
    floor = floor_of(Home(tmp_path), None, None)
    assert floor is not None and floor.year >= 2024


def test_the_last_entry_of_the_log_counts_too(tmp_path: Path) -> None:
    later = ALIVE + timedelta(days=400)
    floor = floor_of(Home(tmp_path), ALIVE, later)
    assert floor is not None and abs(floor - later) < timedelta(hours=1)


def test_the_networks_time_ends_it(tmp_path: Path) -> None:
    trust = _trust(Home(tmp_path), DEAD_BATTERY, "synchronized")
    told: list[bool] = []
    trust.on_trust = lambda: told.append(trust.trusted)
    trust.start()
    _wait(lambda: bool(told))
    assert told == [True]


def test_a_plausible_time_ends_it(tmp_path: Path) -> None:
    clock = VirtualClock(DEAD_BATTERY)
    trust = ClockTrust(Home(tmp_path), clock, ALIVE, sync=lambda: TimeSync("unknown", ""))
    trust.start()
    clock.step((ALIVE - DEAD_BATTERY).total_seconds() + 60)
    _wait(lambda: trust.trusted)


def test_what_somebody_confirmed_is_believed_at_the_next_start_as_well(tmp_path: Path) -> None:
    home = Home(tmp_path)
    now = datetime(2026, 11, 1, tzinfo=UTC)
    trust = ClockTrust(home, VirtualClock(now), ALIVE)
    assert trust.confirm("wang") and not trust.confirm("wang")
    floor = floor_of(home, ALIVE, None)
    assert floor is None or floor < ALIVE - timedelta(hours=1)


def test_a_trace_of_a_clock_that_was_ahead_does_not_hide_a_dead_battery_later(tmp_path: Path) -> None:
    home, ahead = Home(tmp_path), ALIVE + timedelta(days=3650)
    assert ClockTrust(home, VirtualClock(ALIVE), floor_of(home, ALIVE, ahead)).confirm("wang")
    assert ALIVE - timedelta(hours=1) < (floor_of(home, ALIVE, ahead) or ahead) <= ALIVE
    assert not ClockTrust(home, VirtualClock(DEAD_BATTERY), floor_of(home, ALIVE, ahead)).trusted


def test_a_programme_that_could_not_be_taken_up_is_tried_again(tmp_path: Path) -> None:
    tries: list[bool] = []
    trust = _trust(Home(tmp_path), DEAD_BATTERY, "synchronized")

    def take_up() -> None:
        tries.append(trust.trusted)
        if len(tries) == 1:
            raise RuntimeError("once")

    trust.on_trust = take_up
    trust.start()
    _wait(lambda: len(tries) == 2)


def test_nothing_is_written_as_over_before_it_began(tmp_path: Path) -> None:
    assert _trust(Home(tmp_path), DEAD_BATTERY).past() >= ALIVE


def test_meanwhile_there_is_music_day_and_night_and_no_spot() -> None:
    plan = starter_plan()
    day = music_only(plan, date(2026, 11, 24))(date(2009, 1, 1))
    (segment,) = day.segments
    assert segment.duration_s == 86400 and day.spots == ()
    assert segment.bed is not None and segment.bed.playlist in ("light", "english") and segment.gain_db is not None
    assert music_only(plan, date(2026, 11, 24))(date(2009, 1, 1)) == day


def test_the_programme_takes_over_when_the_time_is_right(tmp_path: Path) -> None:
    plan = small_plan(spot("a", "10:00:30", 10.0))
    night = local("02:00:00", on="2009-01-01")
    with world(tmp_path / "home", plan, night) as one:
        one.conductor._journal.withheld = lambda: True
        one.conductor.take_plan(Air(plan, night, music_only(plan, date(2026, 11, 24))))
        one.run(60)
        assert one.bed() and one.conductor.on_air.spot is None
        assert one.log.entries(date(2009, 1, 1))[1:] == []
        one.conductor._journal.withheld = lambda: False
        one.clock.step((local("10:00:00") - one.now).total_seconds())
        one.take(plan)
        one.run(35)
        assert one.bed_faults(-14.0) == [] and one.conductor.on_air.spot is not None
