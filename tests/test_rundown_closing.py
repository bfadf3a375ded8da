"""Opening and closing: what hangs on them moves with them, and nothing else does."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from broadcaster.plan.plan import Plan
from broadcaster.plan.times import clock_text
from broadcaster.rundown.compiler import compile_rundown
from broadcaster.rundown.events import Rundown, Spot
from tests.rundown_kit import on_date, out_of_order, property_settings, shown, small_plan

DAY = date(2026, 11, 24)
USUAL = 18 * 60
QUIET = 16 * 60
"""Whatever has a fixed time is over by then, so that what hangs on closing can't push it aside."""


def part(name: str, start: str, end: str) -> dict[str, Any]:
    return {"id": name, "title": name, "from": start, "to": end, "bed": "music", "level": "plain"}


def minute(at: int) -> str:
    return clock_text(at * 60)


@st.composite
def stores(draw: st.DrawFn) -> Plan:
    """Fixed dayparts and spots by day, and some of both before closing."""
    cuts = sorted(draw(st.sets(st.integers(9 * 60, QUIET), min_size=1, max_size=5)))
    before = sorted(draw(st.sets(st.integers(1, 60), min_size=1, max_size=3)), reverse=True)
    edges = [*(minute(cut) for cut in cuts), *(f"close - {n} min" for n in before), "close"]
    dayparts = [part(f"part-{n}", a, b) for n, (a, b) in enumerate(itertools.pairwise(edges))]
    fixed = st.integers(9 * 60, QUIET - 40).map(minute)
    rules: list[dict[str, Any]] = [
        {"id": "fixed", "script": "a", "at": draw(st.lists(fixed, min_size=1, max_size=4))},
        {"id": "opening", "script": "b", "at": "open + 20 min"},
        {"id": "loop", "script": "c", "loop": {"gap": "5 min"}, "windows": {"from": "09:30", "to": minute(QUIET - 10)}},
        {"id": "hung", "script": "a", "at": [f"close - {n} min" for n in draw(st.lists(st.integers(2, 60), max_size=3))]
         or "close - 3 min"},
        {"id": "hung-loop", "script": "b", "loop": {"gap": "2 min"},
         "windows": {"from": "close - 50 min", "to": "close - 10 min"}},
    ]  # fmt: skip
    return small_plan(rules, dayparts=dayparts)


def closing_at(plan: Plan, close: int) -> Rundown:
    return compile_rundown(on_date(plan, DAY, close=minute(close)), (), DAY)


def by_rule(rundown: Rundown, hung: bool) -> list[Spot]:
    return [spot for spot in rundown.spots if spot.rule.startswith("hung") == hung]


@property_settings(80)
@given(stores(), st.integers(USUAL, 23 * 60))
def test_a_later_close_moves_what_hangs_on_it_and_stretches_what_touches_that(plan: Plan, close: int) -> None:
    before, after = closing_at(plan, USUAL), closing_at(plan, close)
    later = timedelta(minutes=close - USUAL)
    for old, new, rule in zip(before.segments, after.segments, plan.programme.dayparts, strict=True):
        assert new.start == old.start + (later if rule.start.anchor == "close" else timedelta())
        assert new.end == old.end + (later if rule.end.anchor == "close" else timedelta())


@property_settings(80)
@given(stores(), st.integers(USUAL, 23 * 60))
def test_a_later_close_takes_along_the_spots_hung_on_it_and_no_others(plan: Plan, close: int) -> None:
    before, after = closing_at(plan, USUAL), closing_at(plan, close)
    later = timedelta(minutes=close - USUAL)
    assert by_rule(before, hung=False) == by_rule(after, hung=False)
    assert [(spot.at + later, spot.ref) for spot in by_rule(before, hung=True)] == [
        (spot.at, spot.ref) for spot in by_rule(after, hung=True)
    ]


@property_settings(80)
@given(stores(), st.integers(9 * 60 + 40, USUAL))
def test_an_early_close_ends_the_day_with_what_hangs_on_it(plan: Plan, close: int) -> None:
    rundown = closing_at(plan, close)
    assert out_of_order(rundown) == []
    assert rundown.segments[-1].end == closing_at(plan, USUAL).segments[-1].end - timedelta(minutes=USUAL - close)
    hung = [one for one in plan.programme.dayparts if one.start.anchor == "close"]
    assert {one.id for one in hung} <= {segment.daypart for segment in rundown.segments}


def test_a_fixed_end_gives_way_to_an_early_close() -> None:
    dayparts = [part("day", "09:00", "close - 1 h"), part("evening", "close - 1 h", "17:55"),
                part("send-off", "close - 5 min", "close")]  # fmt: skip
    plan = small_plan([], dayparts=dayparts)
    rundown = closing_at(plan, 15 * 60)
    assert [(start, end) for start, end, _ in shown(rundown)] == [
        ("09:00", "14:00"),
        ("14:00", "14:55"),
        ("14:55", "15:00"),
    ]
    assert rundown.faults == closing_at(plan, USUAL).faults == ()


def test_shifts_of_several_day_types_do_not_add_up() -> None:
    types = {"weekend": {"close_later": "30 min"}, "event": {"close_later": "45 min"}}
    plan = small_plan([], dayparts=[part("day", "09:00", "close")], day_types=types)
    saturday = date(2026, 11, 28)
    ends = [shown(compile_rundown(one, (), saturday))[0][1] for one in (plan, on_date(plan, saturday, add=["event"]))]
    assert ends == ["18:30", "18:45"]
