"""Where spots find their places: windows, loops, priorities, and what is told of those that found none."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.plan.models import PRIORITIES, Timing
from broadcaster.plan.plan import Plan
from broadcaster.plan.times import clock_text
from broadcaster.rundown.compiler import compile_rundown
from broadcaster.rundown.events import Notice, Rundown
from broadcaster.rundown.placing import Places
from tests.rundown_kit import first_instant, local, notice, overlaps, property_settings, small_plan

DAY = date(2026, 11, 24)
ZONES_AND_DAYS = [
    ("Asia/Shanghai", DAY), ("Europe/Berlin", date(2026, 3, 29)), ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)), ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)), ("Australia/Lord_Howe", date(2026, 10, 4)),
]  # fmt: skip


def window(start: str, end: str) -> dict[str, str]:
    return {"from": start, "to": end}


def times(rundown: Rundown, rule: str) -> list[str]:
    return [local(rundown, spot.at) for spot in rundown.spots if spot.rule == rule]


def day_of(*spots: dict[str, Any], **more: Any) -> Rundown:
    return compile_rundown(small_plan(list(spots), **more), (), DAY)


# --- places by themselves

stretches = st.lists(st.tuples(st.integers(0, 600), st.integers(1, 400).map(lambda n: n / 10)), max_size=25)


@property_settings(100)
@given(stretches, st.integers(0, 600), st.integers(1, 60), st.sampled_from([0.0, 1.0, 2.5]), st.integers(0, 300))
def test_the_earliest_place_is_free_and_none_before_it_is(
    wishes: list[tuple[int, float]], wanted: int, length: int, separation: float, patience: int
) -> None:
    places = Places(separation)
    taken: list[tuple[float, float]] = []
    for start, seconds in wishes:
        found = places.earliest(start, seconds)
        assert found is not None
        places.take(found, seconds)
        taken.append((found, found + seconds))

    def free(start: float) -> bool:
        return all(start >= end + separation or start + length + separation <= begin for begin, end in taken)

    answer = places.earliest(wanted, length, wanted + patience)
    candidates = [start for start in range(wanted, wanted + patience + 1) if free(start)]
    assert answer == (candidates[0] if candidates else None)


# --- any rules and notices

hours = st.integers(0, 23)


@st.composite
def timings(draw: st.DrawFn) -> dict[str, Any]:
    first = draw(st.integers(0, 23 * 60))
    spans = [(first, first + draw(st.integers(5, 400))), (first + 60, first + draw(st.integers(90, 500)))]
    windows = [window(clock_text(a * 60), clock_text(min(b, 1440) * 60)) for a, b in spans if a < min(b, 1440)]
    kind = draw(st.sampled_from(["at", "every", "loop"]))
    timing: dict[str, Any] = {"priority": draw(st.sampled_from(PRIORITIES)), "move_by": draw(st.integers(0, 1200))}
    if kind == "at":
        clocks = st.integers(0, 1439).map(lambda minute: clock_text(minute * 60))
        return timing | {"at": draw(st.lists(clocks, min_size=1, max_size=4))}
    timing |= {kind: draw(st.sampled_from(["5 min", "37.5 min"])) if kind == "every" else {"gap": "70 s"}}
    return timing | {"windows": windows[: draw(st.integers(1, 2))]}


lengths = st.floats(0.3, 900).map(lambda seconds: round(seconds, 2))


@st.composite
def days(draw: st.DrawFn) -> tuple[Plan, list[Notice], date]:
    """A plan whose dayparts fill the day, with rules and notices that get in each other's way."""
    zone, on = draw(st.sampled_from(ZONES_AND_DAYS))
    rules = [
        {"id": f"rule-{n}", **draw(timings()), **draw(st.sampled_from([{"script": "a"}, {"rotation": "turns"}])),
         "followed_by": draw(st.sampled_from([[], ["b"], ["b", "c"]]))}
        for n in range(draw(st.integers(1, 4)))
    ]  # fmt: skip
    notices = [
        notice(f"rule-{n}", draw(lengths), Timing.model_validate(draw(timings())))
        for n in range(draw(st.integers(0, 3)))
    ]  # fmt: skip
    notices += [notice(f"joined-{n}", draw(lengths), rotation="turns") for n in range(draw(st.integers(0, 3)))]
    plan = small_plan(
        rules,
        lengths={name: draw(lengths) for name in "abc"},
        rotations={"turns": ["b", "c"]},
        timezone=zone,
        separation=draw(st.sampled_from([0.0, 1.0, 2.5])),
    )
    return plan, notices, on


@property_settings(100)
@given(days())
def test_whatever_is_asked_for_nothing_collides_and_nothing_shares_an_id(day: tuple[Plan, list[Notice], date]) -> None:
    plan, notices, on = day
    rundown = compile_rundown(plan, notices, on)
    assert overlaps(rundown, plan.station.separation) == []
    assert len({spot.id for spot in rundown.spots}) == len(rundown.spots)
    assert all(spot.at.microsecond == 0 for spot in rundown.spots)


@property_settings(60)
@given(days())
def test_a_spot_keeps_to_its_window_on_any_day_and_in_any_zone(day: tuple[Plan, list[Notice], date]) -> None:
    plan, notices, on = day
    rundown = compile_rundown(plan, notices, on)
    timing_of: dict[str, Timing] = {f"spot:{rule.id}": rule for rule in plan.programme.spots}
    timing_of |= {f"notice:{one.id}": one.timing for one in notices if one.timing}
    allowed = {
        source: [
            tuple(first_instant(rundown.tz, on, moment.seconds // 60) for moment in (one.start, one.end))
            for one in timing.windows
        ]
        for source, timing in timing_of.items()
    }
    for spot in rundown.spots:
        timing = timing_of[spot.source]
        if timing.windows:
            assert any(start <= spot.at and spot.end <= end for start, end in allowed[spot.source])
        if spot.moved_from is not None:
            by = (spot.at - spot.moved_from).total_seconds()
            assert by > 0 and (timing.loop is not None or by <= timing.move_by)


@property_settings(60)
@given(days(), st.sampled_from(PRIORITIES))
def test_what_ranks_lower_changes_nothing_above_it(day: tuple[Plan, list[Notice], date], least: str) -> None:
    plan, notices, on = day
    high = PRIORITIES[: PRIORITIES.index(least) + 1]
    rules = tuple(rule for rule in plan.programme.spots if rule.priority in high)
    alone = plan.model_copy(update={"programme": plan.programme.model_copy(update={"spots": rules})})
    own = [one for one in notices if one.timing is None or one.timing.priority in high]
    together = compile_rundown(plan, notices, on).spots
    assert compile_rundown(alone, own, on).spots == tuple(spot for spot in together if spot.priority in high)


# --- loops


def test_a_turn_that_does_not_fit_before_a_fixed_spot_waits_behind_it() -> None:
    loop = {"id": "loop", "script": "a", "loop": {"gap": "10 s"}, "windows": window("10:00", "10:05")}
    rundown = day_of(loop, {"id": "fixed", "script": "b", "at": "10:01"}, lengths={"a": 50.0, "b": 20.0})
    spots = [spot for spot in rundown.spots if spot.rule == "loop"]
    assert local(rundown, spots[0].at) == "10:00:00"
    assert local(rundown, spots[1].at) == "10:01:21" and spots[1].moved_from is not None
    assert times(rundown, "fixed") == ["10:01:00"]


def test_a_loop_begins_with_the_programme() -> None:
    part = {"id": "part", "title": "段", "from": "10:00", "to": "11:00", "bed": "music", "level": "plain"}
    loop = {"id": "loop", "script": "a", "loop": {"gap": "5 min"}, "windows": window("09:00", "12:00")}
    rundown = day_of(loop, dayparts=[part])
    assert times(rundown, "loop")[0] == "10:00:00"
    assert max(spot.end for spot in rundown.spots) <= rundown.segments[-1].end
    assert rundown.dropped == ()


def test_an_urgent_loop_is_not_pushed_aside_by_what_is_scheduled() -> None:
    urgent = {"id": "loop", "script": "a", "loop": {"gap": "1 min"}, "windows": window("10:00", "10:10")}
    fixed = {"id": "fixed", "script": "b", "at": "10:00"}
    rundown = day_of(fixed, urgent | {"priority": "urgent"})
    assert times(rundown, "loop")[0] == "10:00:00" and times(rundown, "fixed") == ["10:00:21"]


@pytest.mark.parametrize("length", [0.3, 1.0, 1.5])
@pytest.mark.parametrize("separation", [0.0, 1.0])
def test_a_loop_without_a_gap_ends_and_is_whole(length: float, separation: float) -> None:
    loop = {"id": "loop", "script": "a", "loop": {"gap": 0}, "windows": window("08:00", "20:00")}
    rundown = day_of(loop, lengths={"a": length}, separation=separation)
    assert len(rundown.spots) == 12 * 3600 // -(-(length + separation) // 1)
    assert overlaps(rundown, separation) == [] and rundown.dropped == ()


def test_a_loop_that_finds_no_room_is_told() -> None:
    loop = {
        "id": "loop",
        "script": "a",
        "loop": {"gap": 0},
        "windows": window("10:00", "10:01"),
        "priority": "rotation",
    }
    rundown = day_of(loop, {"id": "long", "script": "b", "at": "10:00"}, lengths={"a": 20.0, "b": 59.0})
    assert [drop.rule for drop in rundown.dropped] == ["loop"]
    assert [fault.code for fault in rundown.warnings] == ["spot-dropped"]


# --- every


def test_every_shorter_than_its_clip_airs_what_it_can_and_tells_once() -> None:
    rule = {"id": "r", "script": "a", "every": "10 s", "windows": window("08:00", "20:00"), "move_by": 30}
    rundown = day_of(rule, lengths={"a": 45.0})
    waits = [b.at - a.at for a, b in zip(rundown.spots, rundown.spots[1:], strict=False)]
    assert timedelta(seconds=46) <= min(waits) and max(waits) <= timedelta(seconds=60)
    assert len(rundown.dropped) > 1000 and 1 <= len(rundown.warnings) <= 2


def test_windows_that_overlap_ask_for_a_moment_once() -> None:
    rule = {
        "id": "r",
        "script": "a",
        "every": "30 min",
        "windows": [window("10:00", "11:00"), window("10:30", "12:00")],
    }
    assert times(day_of(rule), "r") == ["10:00:00", "10:30:00", "11:00:00", "11:30:00"]


def test_moments_that_a_day_makes_one_are_one() -> None:
    rule = {"id": "r", "script": "a", "at": ["09:00", "open", "open + 5 min"]}
    assert times(day_of(rule), "r") == ["09:00:00", "09:05:00"]


# --- what is told


def test_a_member_longer_than_the_window_holds_up_nobody_and_is_told() -> None:
    rule = {"id": "r", "rotation": "turns", "every": "10 min", "windows": window("10:00", "11:00")}
    rundown = day_of(rule, lengths={"a": 20.0, "b": 4000.0, "c": 20.0}, rotations={"turns": ["a", "b", "c"]})
    assert sorted(spot.ref for spot in rundown.spots) == ["a"] * 3 + ["c"] * 3
    assert [drop.title.zh for drop in rundown.dropped] == ["b"]


def test_a_fixed_spot_outside_all_dayparts_is_a_fault_each_time() -> None:
    part = {"id": "part", "title": "段", "from": "10:00", "to": "11:00", "bed": "silence"}
    rundown = day_of({"id": "r", "script": "a", "at": ["09:00", "10:30", "12:00"]}, dayparts=[part])
    assert times(rundown, "r") == ["10:30:00"]
    assert [(fault.code, fault.params["at"]) for fault in rundown.faults] == [
        ("spot-outside", "09:00"),
        ("spot-outside", "12:00"),
    ]


def test_what_a_conflict_pushes_past_the_end_is_a_conflict_and_no_fault() -> None:
    part = {"id": "part", "title": "段", "from": "10:00", "to": "11:00", "bed": "silence"}
    first, second = ({"id": name, "script": name, "at": "10:59:50"} for name in "ab")
    rundown = day_of(first, second, dayparts=[part])
    assert rundown.faults == () and [fault.code for fault in rundown.warnings] == ["spot-dropped"]


def test_a_rule_and_a_notice_of_one_name_are_two() -> None:
    plan = small_plan([{"id": "sale", "script": "a", "at": "10:00"}])
    own = notice("sale", 20.0, Timing.model_validate({"at": "10:00"}))
    assert len({spot.id for spot in compile_rundown(plan, [own], DAY).spots}) == 2
