"""What makes a year of rundowns quick changes nothing in them, and leaves the process as it was."""

from __future__ import annotations

import gc
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bench.rundown_year import growth, running
from broadcaster.plan.models import Level, Names, Timing
from broadcaster.plan.plan import Plan
from broadcaster.rundown import lasting
from broadcaster.rundown.compiler import compile_rundown
from broadcaster.rundown.events import Notice, Rundown
from broadcaster.rundown.unswept import unswept
from tests.rundown_kit import notice, on_date, small_plan, starter_plan

DAY = date(2026, 11, 24)
FIXED = Timing.model_validate({"at": ["10:00", "close - 30 min"], "level": "plain"})


def anew(plan: Plan, notices: list[Notice], on: date) -> Rundown:
    """Compiled from copies, of which nothing can be known from before."""
    return compile_rundown(plan.model_copy(), [replace(one) for one in notices], on)


def small() -> Plan:
    rules = [{"id": "turn", "rotation": "turns", "windows": {"from": "09:00", "to": "12:00"}, "every": "30 min"}]
    return small_plan(rules, rotations={"turns": ["a"]}, timezone="Europe/Berlin")


def test_a_day_is_the_same_whatever_was_compiled_before_it() -> None:
    plan, notices = starter_plan(), running(40)
    days = [DAY + timedelta(days=offset) for offset in range(0, 100, 9)]
    assert [compile_rundown(plan, notices, on) for on in days] == [anew(plan, notices, on) for on in days]


def test_hours_of_a_date_and_a_change_of_clocks_move_what_hangs_on_them() -> None:
    plan, notices = (
        on_date(small(), DAY, close="16:00"),
        [notice("n", 20.0, FIXED), notice("m", 20.0, rotation="turns")],
    )
    for on in (date(2026, 10, 24), date(2026, 10, 25), DAY, DAY + timedelta(days=1), DAY):
        assert compile_rundown(plan, notices, on) == anew(plan, notices, on)


def test_another_plan_with_the_same_notices_has_its_own_levels() -> None:
    plan, notices = small(), [notice("n", 20.0, FIXED), notice("m", 20.0, rotation="turns")]
    compile_rundown(plan, notices, DAY)
    levels = plan.levels.model_copy(update={"levels": {"plain": Level(title=Names(zh="静"), range=(10, 12))}})
    softer = plan.model_copy(update={"levels": levels})
    assert {spot.dial for spot in compile_rundown(softer, notices, DAY).spots} == {softer.levels.levels["plain"].dial}


def test_a_notice_that_is_withdrawn_on_a_date_is_gone_on_the_next() -> None:
    plan, until = small(), datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    notices = [
        replace(notice("n", 20.0, FIXED), until=until),
        replace(notice("m", 20.0, rotation="turns"), until=until),
    ]
    counts = [
        sum(spot.kind == "notice" for spot in compile_rundown(plan, notices, DAY + timedelta(days=offset)).spots)
        for offset in (0, 1, 0, -1)
    ]
    assert counts[1] == 0 and counts[0] == counts[2] and 0 < counts[0] < counts[3]


def test_what_is_known_of_a_plan_goes_with_it_and_notices_that_are_gone_are_forgotten() -> None:
    plan = small()
    compile_rundown(plan, [notice(f"n{number}", 20.0, FIXED) for number in range(50)], DAY)
    compile_rundown(plan, [notice("n", 20.0, FIXED)], DAY)
    (kept,) = lasting._plans[id(plan)].kinds.values()
    assert len(kept.series._made) == 1 and not kept.series._before
    number = id(plan)
    del plan
    gc.collect()
    assert number not in lasting._plans


def test_threads_that_compile_at_once_get_the_same_days() -> None:
    plan, notices = starter_plan().model_copy(), running(40)
    days = [DAY + timedelta(days=offset) for offset in range(6)] * 2
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda on: compile_rundown(plan, notices, on), days))
    assert found == [anew(plan, notices, on) for on in days]
    assert gc.isenabled()


def test_the_collector_rests_until_the_last_one_is_out_and_one_that_was_off_stays_off() -> None:
    with pytest.raises(ValueError, match="broken"), unswept():
        with unswept():
            pass
        assert not gc.isenabled()
        raise ValueError("broken")
    assert gc.isenabled()
    gc.disable()
    try:
        with unswept():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_day_leaves_nothing_to_the_collector() -> None:
    """What justifies that it rests: no value of a rundown or its compilation refers back to what holds it."""
    plan, notices = starter_plan(), running(40)
    compile_rundown(plan, notices, DAY)
    gc.collect()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        with unswept():
            compile_rundown(plan, notices, DAY + timedelta(days=1))
            gc.collect()
        ours = [one for one in gc.garbage if type(one).__module__.startswith("broadcaster.rundown")]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
    assert ours == []


def test_the_growth_of_a_power_law_is_its_exponent() -> None:
    assert growth((10, 3.0), (1000, 3.0 * 100**1.5)) == pytest.approx(1.5)
