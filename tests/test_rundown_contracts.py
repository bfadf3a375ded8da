"""Fair rotation: contracts spread over the day, the rest by weight, and nobody twice in a row while another waits."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.plan.models import Timing
from broadcaster.plan.plan import Plan
from broadcaster.rundown.compiler import compile_rundown
from broadcaster.rundown.events import Airing, Notice, Rundown
from broadcaster.rundown.makegoods import Delivery, balance, owed
from tests.rundown_kit import notice, property_settings, small_plan

DAY = date(2026, 11, 24)
WINDOWS = [{"from": "10:05", "to": "11:30"}, {"from": "14:00", "to": "15:30"}]
WINDOWS_S = (85 + 90) * 60
LOOP = {"id": "loop", "rotation": "turns", "loop": {"gap": "60 s"}, "windows": WINDOWS, "priority": "rotation"}


def loop_plan(*scripts: str, dayparts: list[dict[str, Any]] | None = None, **more: Any) -> Plan:
    return small_plan([{**LOOP, **more}], rotations={"turns": list(scripts)}, dayparts=dayparts)


def vendor(name: str, seconds: float = 20.0, per_day: int | None = None, **more: Any) -> Notice:
    whose = more.pop("vendor", f"v-{name}")
    return replace(notice(name, seconds, rotation="turns"), vendor=whose, per_day=per_day, **more)


def counts(rundown: Rundown) -> Counter[str]:
    return Counter(spot.ref for spot in rundown.spots)


def in_windows(rundown: Rundown, instant: datetime) -> float:
    """Seconds of the windows that had gone by."""
    second = (instant.astimezone(rundown.tz).replace(tzinfo=None) - datetime.combine(DAY, time())).total_seconds()
    return sum(min(max(second - start * 60, 0), length * 60) for start, length in ((605, 85), (840, 90)))


def test_only_contracts_means_their_number_evenly_and_the_bed_between() -> None:
    rundown = compile_rundown(loop_plan(), [vendor("n", per_day=7)], DAY)
    places = [in_windows(rundown, spot.at) for spot in rundown.spots]
    assert len(places) == 7 and rundown.warnings == () and rundown.dropped == ()
    assert all(abs(b - a - WINDOWS_S / 7) <= 90 for a, b in pairwise(places))


def test_contracts_and_scripts_share_a_loop() -> None:
    rundown = compile_rundown(loop_plan("a", "b"), [vendor("x", per_day=10), vendor("y", per_day=30)], DAY)
    found = counts(rundown)
    assert (found["x"], found["y"]) == (10, 30) and abs(found["a"] - found["b"]) <= 1 and found["a"] > 20
    ways = [in_windows(rundown, spot.at) for spot in rundown.spots if spot.ref == "x"]
    assert all(abs(b - a - WINDOWS_S / 10) < WINDOWS_S / 20 for a, b in pairwise(ways))


@pytest.mark.parametrize("seed", range(20))
def test_a_loop_nearly_full_of_contracts_keeps_them_all(seed: int) -> None:
    dice = random.Random(seed)
    notices: list[Notice] = []
    need_s = 0.0
    while need_s < WINDOWS_S * 0.9:
        notices.append(vendor(f"n{len(notices)}", dice.randint(10, 80) / 2, dice.randint(1, 12)))
        need_s += (notices[-1].per_day or 0) * (notices[-1].clip.duration_s + 60)
    found = counts(compile_rundown(loop_plan("a", "b"), notices, DAY))
    assert {one.id: found[one.id] for one in notices} == {one.id: one.per_day for one in notices}


def test_contracts_that_do_not_fit_lose_alike_and_it_is_told() -> None:
    notices = [vendor(f"n{number}", per_day=per_day) for number, per_day in enumerate([20, 40, 60, 80, 200])]
    rundown = compile_rundown(loop_plan("a"), notices, DAY)
    found = counts(rundown)
    share = len(rundown.spots) / 400
    assert found["a"] == 0 and 0.2 < share < 0.5
    assert all(abs(found[one.id] - (one.per_day or 0) * share) <= 1.5 for one in notices[:4])
    told = [fault for fault in rundown.warnings if fault.code == "over-booked"]
    assert len(told) == 1 and "400" in str(told[0]) and f"n0 {found['n0']}/20" in str(told[0])


def test_a_contract_counts_once_where_two_rules_share_its_rotation() -> None:
    rules: list[dict[str, Any]] = [
        LOOP,
        {"id": "more", "rotation": "turns", "every": "30 min", "windows": {"from": "16:00", "to": "18:00"}},
    ]
    plan = small_plan(rules, rotations={"turns": ["a"]})
    rundown = compile_rundown(plan, [vendor("n", per_day=6)], DAY)
    assert counts(rundown)["n"] == 6 and {spot.ref for spot in rundown.spots if spot.rule == "more"} == {"a"}


def test_what_is_owed_is_aired_on_top() -> None:
    rundown = compile_rundown(loop_plan("a"), [vendor("n", per_day=6, owed=3), vendor("m", owed=2)], DAY)
    assert counts(rundown)["n"] == 9
    assert [(one.ref, one.contracted, one.owed, one.planned) for one in rundown.promises] == [
        ("n", 6, 3, 9),
        ("m", 0, 2, 2),
    ]


def test_a_contract_approved_late_counts_for_the_rest_of_the_day() -> None:
    since = datetime.combine(DAY, time(14), ZoneInfo("Asia/Shanghai"))
    rundown = compile_rundown(loop_plan("a"), [vendor("n", per_day=10, since=since)], DAY)
    assert counts(rundown)["n"] == rundown.promises[0].contracted == 5


def test_an_edit_does_not_start_a_contract_anew() -> None:
    edit = datetime.combine(DAY, time(14, 30), ZoneInfo("Asia/Shanghai"))
    old, new = vendor("n", per_day=12, until=edit), vendor("n", seconds=25.0, per_day=12, since=edit)
    rundown = compile_rundown(loop_plan("a"), [old, new, vendor("m", per_day=5)], DAY)
    assert counts(rundown)["n"] == 12 and counts(rundown)["m"] == 5


def test_weights_share_out_the_turns() -> None:
    notices = [vendor("twice", weight=2.0), vendor("b"), vendor("c"), vendor("half", weight=0.5)]
    found = counts(compile_rundown(loop_plan(), notices, DAY))
    turns = sum(found.values())
    assert all(abs(found[one.id] - turns * one.weight / 4.5) <= 2 for one in notices)


def test_a_light_weight_has_its_day() -> None:
    plan = small_plan([{"id": "r", "rotation": "turns", "at": ["10:00", "11:00"]}], rotations={"turns": ["a", "b"]})
    light = vendor("light", weight=0.1)
    history: list[Airing] = []
    for offset in range(60):
        on = DAY + timedelta(days=offset)
        recent = [airing for airing in history if airing.day >= on - timedelta(days=7)]
        history += [Airing(spot.ref, on) for spot in compile_rundown(plan, [light], on, recent).spots]
    assert 3 <= Counter(airing.ref for airing in history)["light"] <= 12


# --- any rotation


@st.composite
def rotations(draw: st.DrawFn) -> list[Notice]:
    """Members of any kind whose contracts, if any, fit."""
    contracts = draw(st.lists(st.integers(1, 12), max_size=9))
    lengths = st.integers(10, 80).map(lambda n: n / 2)
    whose = st.sampled_from([None, "x", "y", "z"])
    found = [vendor(f"c{n}", draw(lengths), count, vendor=draw(whose)) for n, count in enumerate(contracts)]
    weights = draw(st.lists(st.sampled_from([0.5, 1.0, 3.0]), max_size=4))
    return found + [vendor(f"w{n}", draw(lengths), weight=w, vendor=draw(whose)) for n, w in enumerate(weights)]


@property_settings(50)
@given(rotations(), st.sampled_from([(), ("a",), ("a", "b")]))
def test_contracts_are_kept_to_within_one_where_they_fit(notices: list[Notice], scripts: tuple[str, ...]) -> None:
    rundown = compile_rundown(loop_plan(*scripts), notices, DAY)
    found = counts(rundown)
    needs: Counter[str] = Counter()
    for one in notices:
        needs[one.vendor or one.id] += int((one.per_day or 0) * (one.clip.duration_s + 60))
    # One with more than half of all turns has to wait for others to speak in between.
    if sum(needs.values()) < WINDOWS_S - 400 and max(needs.values(), default=0) < WINDOWS_S / 3:
        assert all(abs(found[one.id] - one.per_day) <= 1 for one in notices if one.per_day)


@property_settings(50)
@given(rotations(), st.sampled_from([(), ("a", "b")]))
def test_nobody_speaks_twice_in_a_row_while_another_by_weight_waits(
    notices: list[Notice], scripts: tuple[str, ...]
) -> None:
    rundown = compile_rundown(loop_plan(*scripts), notices, DAY)
    speakers = {one.id: one.vendor or one.id for one in notices}
    free = {speakers[one.id] for one in notices if one.per_day is None} | set(scripts)
    for one, other in pairwise(speakers.get(spot.ref, spot.ref) for spot in rundown.spots):
        assert one != other or free <= {one}


@property_settings(40)
@given(st.lists(st.tuples(st.integers(10, 60), st.sampled_from("wxyz")), min_size=2, max_size=8))
def test_nobody_speaks_twice_in_a_row_while_another_is_due(members: list[tuple[int, str]]) -> None:
    # Far more than fits: all are due from the first turn to the last, so that another always waits.
    notices = [vendor(f"n{n}", per_day=200 + count, vendor=name) for n, (count, name) in enumerate(members)]
    rundown = compile_rundown(loop_plan(), notices, DAY)
    speakers = [spot.vendor for spot in rundown.spots]
    assert all(a != b for a, b in pairwise(speakers)) or len(set(speakers)) == 1


# --- make-goods


def test_what_was_not_heard_is_owed_until_it_is() -> None:
    days = [Delivery("n", DAY + timedelta(days=n), 4, heard) for n, heard in enumerate([4, 1, 4, 6])]
    assert [balance(days, DAY + timedelta(days=n))["n"] for n in range(5)] == [0, 0, 3, 3, 1]
    assert owed(days, DAY + timedelta(days=2))["n"] == 2  # at most half a day's contract on top
    assert owed(days, DAY)["n"] == 0


def test_more_than_promised_is_no_credit() -> None:
    days = [Delivery("n", DAY, 4, 9), Delivery("n", DAY + timedelta(days=1), 4, 3)]
    assert balance(days, DAY + timedelta(days=2)) == {"n": 1}


def test_a_notice_whose_rotation_is_gone_is_told() -> None:
    rundown = compile_rundown(loop_plan("a"), [replace(vendor("x"), rotation="gone")], DAY)
    (told,) = [fault for fault in rundown.warnings if fault.code == "rotation-gone"]
    assert told.value == "gone" and told.params["title"] == "x" and rundown.faults == ()


def test_a_notice_outside_all_dayparts_is_a_warning_and_no_fault_of_the_plan() -> None:
    late = notice("late", 20.0, timing=Timing.model_validate({"at": "23:00"}))
    day = {"id": "day", "title": "d", "from": "09:00", "to": "18:00", "bed": "music", "level": "plain"}
    rundown = compile_rundown(loop_plan("a", dayparts=[day]), [late], DAY)
    assert rundown.faults == () and [spot.ref for spot in rundown.spots if spot.ref == "late"] == []
    assert [fault.code for fault in rundown.warnings if fault.params.get("title") == "late"] == ["spot-dropped"]
