"""Days that change while they run: what is approved, withdrawn or in other words changes nothing before it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.plan.models import DayCondition, Timing
from broadcaster.plan.plan import Clip, Plan, TimelyClip, WeatherSpell
from broadcaster.plan.times import clock_text
from broadcaster.rundown.compiler import compile_rundown
from broadcaster.rundown.day_checks import check_days
from broadcaster.rundown.document import rundown_document
from broadcaster.rundown.events import Airing, Notice, Rundown
from broadcaster.rundown.explain import explain
from broadcaster.rundown.preview import heard_times
from tests.rundown_kit import local, notice, overlaps, property_settings, small_plan

DAY = date(2026, 11, 24)
TZ = ZoneInfo("Asia/Shanghai")
MORNING = {"from": "10:00", "to": "12:00"}
LOOP = {"id": "loop", "rotation": "turns", "loop": {"gap": "3 min"}, "windows": MORNING, "priority": "rotation"}


def clock(text: str) -> datetime:
    return datetime.combine(DAY, time.fromisoformat(text), TZ)


def heard(rundown: Rundown, ref: str) -> list[str]:
    return [local(rundown, spot.at) for spot in rundown.spots if spot.ref == ref]


def before(rundown: Rundown, instant: datetime) -> list[Any]:
    return [spot for spot in rundown.spots if spot.at < instant]


def now_at(text: str, name: str = "now", seconds: float = 20.0, **more: Any) -> Notice:
    return replace(notice(name, seconds), since=clock(text), moments=(clock(text),), **more)


def test_a_notice_for_now_airs_at_once_and_before_what_is_scheduled() -> None:
    plan = small_plan([{"id": "fixed", "script": "a", "at": "10:40"}])
    rundown = compile_rundown(plan, [now_at("10:40:00")], DAY)
    assert heard(rundown, "now") == ["10:40:00"] and heard(rundown, "a") == ["10:40:21"]
    assert [spot.priority for spot in rundown.spots] == ["urgent", "scheduled"]


def test_a_notice_for_now_waits_until_what_speaks_is_over() -> None:
    plan = small_plan([{"id": "fixed", "script": "a", "at": "10:40"}])
    rundown = compile_rundown(plan, [now_at("10:40:07.25")], DAY)
    assert heard(rundown, "a") == ["10:40:00"] and heard(rundown, "now") == ["10:40:21"]
    assert compile_rundown(plan, [], DAY).spots[0] == rundown.spots[0]


def test_a_vendors_turn_ends_for_what_is_urgent_now() -> None:
    plan = small_plan([LOOP])
    turn = compile_rundown(plan, [notice("x", 60, rotation="turns")], DAY).spots[0]
    called = now_at("10:00:20.5", seconds=12)
    rundown = compile_rundown(plan, [notice("x", 60, rotation="turns"), called], DAY)
    cut = rundown.spots[0]
    assert (cut.id, cut.at, cut.duration_s) == (turn.id, turn.at, 20.5)
    assert heard(rundown, "now") == ["10:00:22"] and not overlaps(rundown, 1.0)


@pytest.mark.parametrize("more", [{"priority": "scheduled"}, {"moments": (clock("10:00:50"),)}])
def test_it_does_not_end_for_what_can_wait(more: dict[str, Any]) -> None:
    plan = small_plan([LOOP])
    called = replace(now_at("10:00:20.5", seconds=12), **more)
    rundown = compile_rundown(plan, [notice("x", 60, rotation="turns"), called], DAY)
    assert rundown.spots[0].duration_s == 60 and heard(rundown, "now") == ["10:01:01"]


def test_a_moment_before_the_approval_waits_for_it() -> None:
    late = replace(now_at("10:55:30.5"), moments=(clock("10:40"),))
    assert heard(compile_rundown(small_plan([]), [late], DAY), "now") == ["10:55:31"]


def test_what_was_approved_too_late_for_its_time_does_not_air() -> None:
    timing = Timing.model_validate({"at": ["10:00", "11:00"]})
    late = replace(notice("late", 20.0, timing), since=clock("10:00:01"))
    assert heard(compile_rundown(small_plan([]), [late], DAY), "late") == ["11:00:00"]


def test_a_notice_withdrawn_while_it_speaks_ends_there_and_leaves_the_rest_of_its_place() -> None:
    gone = replace(now_at("10:40:00", seconds=30.0), until=clock("10:40:10"))
    rundown = compile_rundown(small_plan([]), [gone, now_at("10:40:10", "next")], DAY)
    assert [(spot.ref, local(rundown, spot.at), spot.duration_s) for spot in rundown.spots] == [
        ("now", "10:40:00", 10.0),
        ("next", "10:40:11", 20.0),
    ]


def test_a_new_revision_airs_from_its_instant_and_repeats_nothing() -> None:
    timing = Timing.model_validate({"at": ["10:00", "11:00"]})
    old = replace(notice("n", 20.0, timing), until=clock("10:30"))
    new = replace(notice("n", 25.0, timing), since=clock("10:35"))
    rundown = compile_rundown(small_plan([]), [old, new], DAY)
    assert [(local(rundown, spot.at), spot.duration_s) for spot in rundown.spots] == [
        ("10:00:00", 20.0),
        ("11:00:00", 25.0),
    ]


def test_a_notice_approved_for_a_loop_joins_it_where_it_has_come_to() -> None:
    plan = small_plan([LOOP], rotations={"turns": ["a", "b"]})
    plain = compile_rundown(plan, (), DAY)
    joined = compile_rundown(plan, [replace(notice("n", 20.0, rotation="turns"), since=clock("10:40"))], DAY)
    assert before(joined, clock("10:40")) == before(plain, clock("10:40"))
    assert [spot.id for spot in joined.spots] == [spot.id for spot in plain.spots]
    later = [spot.ref for spot in joined.spots if spot.at >= clock("10:40")]
    assert set(later[:3]) == {"a", "b", "n"} and abs(later.count("n") - later.count("a")) <= 1


def test_a_loop_with_nothing_approved_plays_its_bed_says_so_and_starts_with_the_first_notice() -> None:
    plan = small_plan([LOOP], rotations={"turns": []})
    empty = compile_rundown(plan, (), DAY)
    assert empty.spots == () and [fault.code for fault in empty.warnings] == ["empty-rotation"]
    first = compile_rundown(plan, [replace(notice("n", 20.0, rotation="turns"), since=clock("10:40:00.5"))], DAY)
    assert heard(first, "n")[0] == "10:40:01" and first.warnings == ()


@pytest.mark.parametrize("how", [{"every": "30 min"}, {"loop": {"gap": "30 min"}}])
def test_a_shorter_one_that_takes_the_turn_of_one_that_waits_does_not_begin_in_the_past(how: dict[str, Any]) -> None:
    rule = {"id": "r", "rotation": "turns", "windows": {"from": "10:01", "to": "10:20"}, "priority": "rotation"}
    fixed = [{"id": name, "script": name, "at": at} for name, at in (("b", "10:00"), ("c", "10:06"))]
    plan = small_plan([*fixed, rule | how], lengths={"a": 90.0, "b": 300.0, "c": 120.0}, rotations={"turns": ["a"]})
    history = [Airing("a", date(2026, 11, 20))]
    short = replace(notice("n", 10.0, rotation="turns"), since=clock("10:07"))
    assert heard(compile_rundown(plan, [], DAY, history), "a") == ["10:08:01"]
    assert heard(compile_rundown(plan, [short], DAY, history), "n") == ["10:08:01"]


def test_dates_and_day_types_choose_the_days() -> None:
    timing = Timing.model_validate({"at": "10:00"})
    on_event = replace(notice("event", 5.0, timing), days=DayCondition(days=("event",)))
    other_day = replace(notice("other", 5.0, timing), dates=(date(2026, 11, 25),))
    joined = replace(notice("joined", 5.0, rotation="turns"), days=DayCondition.model_validate({"except": "weekday"}))
    plan = small_plan([LOOP], rotations={"turns": ["a"]})
    rundown = compile_rundown(plan, [on_event, other_day, joined], DAY)
    assert {spot.ref for spot in rundown.spots} == {"a"}
    assert heard(compile_rundown(plan, [other_day], date(2026, 11, 25)), "other") == ["10:00:00"]


# --- clips of the hour, and the weather


def timely(plan: Plan, since: str, until: str, seconds: float = 12.0, script: str = "a") -> Plan:
    clip = Clip(path="today.wav", duration_s=seconds, key="today")
    one = TimelyClip(script=script, clip=clip, since=clock(since), until=clock(until), text="今天多云")
    return plan.model_copy(update={"timely": (*plan.timely, one)})


def test_a_timely_clip_stands_for_the_script_while_it_holds() -> None:
    plan = small_plan([{"id": "r", "script": "a", "at": ["09:00", "10:00", "11:00"]}])
    rundown = compile_rundown(timely(plan, "09:30", "10:30"), (), DAY)
    assert [(spot.key, spot.text) for spot in rundown.spots] == [("a", ""), ("today", "今天多云"), ("a", "")]


def test_a_clip_is_never_begun_after_its_time_not_even_as_a_follower_or_moved() -> None:
    rules: list[dict[str, Any]] = [
        {"id": "long", "script": "b", "at": "10:00"},
        {"id": "r", "script": "a", "at": "10:00"},
        {"id": "s", "script": "c", "followed_by": "a", "at": "10:30"},
    ]
    plan = timely(timely(small_plan(rules, lengths={"a": 9.0, "b": 40.0, "c": 30.0}), "09:00", "10:00:30"),
                  "10:25", "10:30:20")  # fmt: skip
    rundown = compile_rundown(plan, (), DAY)
    assert [spot.key for spot in rundown.spots] == ["b", "a", "c", "a"]


def test_a_rule_for_bad_weather_holds_while_it_is_bad() -> None:
    rule = {"id": "rain", "script": "a", "every": "15 min", "windows": MORNING, "weather": "rain"}
    spells = (
        WeatherSpell(kinds=("wind",), since=clock("10:00"), until=clock("10:20")),
        WeatherSpell(kinds=("rain", "cold"), since=clock("10:40"), until=clock("11:10")),
    )
    plan = small_plan([rule])
    assert compile_rundown(plan, (), DAY).spots == ()
    wet = compile_rundown(plan.model_copy(update={"weather": spells}), (), DAY)
    assert heard(wet, "a") == ["10:45:00", "11:00:00"]


def test_a_rule_for_bad_weather_is_checked_in_fine_weather() -> None:
    part = {"id": "part", "title": "段", "from": "10:00", "to": "11:00", "bed": "silence"}
    plan = small_plan([{"id": "rain", "script": "a", "at": "12:00", "weather": "rain"}], dayparts=[part])
    assert compile_rundown(plan, (), DAY).faults == ()
    assert [fault.code for fault in check_days(plan, [DAY])] == ["spot-outside"]


# --- what is shown before submitting


def test_when_a_notice_will_be_heard_and_what_makes_room() -> None:
    plan = small_plan([LOOP, {"id": "fixed", "script": "c", "at": "10:30"}], rotations={"turns": ["a", "b"]})
    timing = Timing.model_validate({"at": ["10:30", "11:00"], "priority": "urgent"})
    plain = compile_rundown(plan, (), DAY)
    found = heard_times(plain, compile_rundown(plan, [notice("n", 30.0, timing)], DAY), "n")
    assert [clock("10:30"), clock("11:00")] == list(found.times) and found.air_s == 60.0
    assert [(old.ref, new.at) for old, new in found.moved if old.ref == "c"] == [("c", clock("10:30:31"))]


def test_a_new_member_of_a_rotation_costs_the_others_turns() -> None:
    plan = small_plan([LOOP], rotations={"turns": ["a", "b"]})
    plain = compile_rundown(plan, (), DAY)
    found = heard_times(plain, compile_rundown(plan, [notice("n", 20.0, rotation="turns")], DAY), "n")
    assert {one.ref for one in found.fewer} == {"a", "b"}
    assert sum(one.before - one.after for one in found.fewer) == len(found.spots) == 12


def test_why_names_the_notice_and_the_words_of_the_hour() -> None:
    plan = timely(small_plan([{"id": "r", "script": "a", "at": "10:00"}]), "09:30", "10:30")
    rundown = compile_rundown(plan, [now_at("10:05", vendor="tata")], DAY)
    assert "今天多云" in " ".join(explain(plan, rundown, clock("10:00:05"))["because"])
    told = " ".join(explain(plan, rundown, clock("10:05:05"))["because"])
    assert "通知 now" in told and "厂商 tata" in told
    assert rundown_document(plan, rundown)["spots"][1]["rule"] == "通知 / notice now"


# --- any day

minutes = st.integers(9 * 60, 13 * 60)


@st.composite
def days(draw: st.DrawFn) -> tuple[Plan, list[Notice]]:
    """A loop, a rule every so often, and notices of all kinds that come and go."""
    rules = [
        LOOP,
        {"id": "fixed", "script": "c", "every": draw(st.sampled_from(["7 min", "20 min"])), "windows": MORNING},
        {"id": "set", "rotation": "other", "every": "10 min", "windows": {"from": "11:00", "to": "13:00"}},
    ]
    found = []
    for number in range(draw(st.integers(1, 6))):
        since = draw(st.none() | minutes)
        until = draw(st.none() | st.integers((since or 540) + 1, 14 * 60))
        kind = draw(st.sampled_from(["at", "every", "turns", "other", "now"]))
        seconds = draw(st.integers(2, 400)) / 2
        one = notice(f"n{number}", seconds, rotation=kind if kind in ("turns", "other") else None)
        if kind == "at":
            one = replace(one, timing=Timing.model_validate({"at": clock_text(draw(minutes) * 60)}))
        elif kind == "every":
            one = replace(one, timing=Timing.model_validate({"every": "13 min", "windows": MORNING}))
        elif kind == "now":
            one = replace(one, moments=(at_minute(draw(minutes)),))
        found.append(
            replace(
                one,
                since=None if since is None else at_minute(since) + timedelta(seconds=draw(st.integers(0, 99)) / 10),
                until=None if until is None else at_minute(until),
                vendor=draw(st.sampled_from([None, "x", "y"])),
                per_day=draw(st.sampled_from([None, None, 3, 10])),
                weight=draw(st.sampled_from([1.0, 2.0, 0.5])),
            )
        )
    scripts = draw(st.sampled_from([["a", "b"], ["a"], []]))
    plan = small_plan(rules, rotations={"turns": scripts, "other": ["b"]}, separation=draw(st.sampled_from([0.0, 1.0])))
    return plan, found


def at_minute(minute: int) -> datetime:
    return clock("00:00") + timedelta(minutes=minute)


def known_at(notices: list[Notice], now: datetime) -> list[Notice]:
    """The notices as they were known at an instant."""
    return [
        replace(one, until=None) if one.until is not None and one.until > now else one
        for one in notices
        if one.since is None or one.since <= now
    ]


@property_settings(80)
@given(days(), minutes)
def test_what_comes_later_neither_moves_nor_repeats_what_was_before(
    day: tuple[Plan, list[Notice]], minute: int
) -> None:
    plan, notices = day
    now = at_minute(minute)
    then, finally_ = compile_rundown(plan, known_at(notices, now), DAY), compile_rundown(plan, notices, DAY)
    ids = [(spot.id, spot.at, spot.key) for spot in before(then, now)]
    assert [(spot.id, spot.at, spot.key) for spot in before(finally_, now)] == ids


@property_settings(60)
@given(days())
def test_nothing_is_heard_before_its_approval_or_after_its_end(day: tuple[Plan, list[Notice]]) -> None:
    plan, notices = day
    rundown = compile_rundown(plan, notices, DAY)
    by_id = {one.id: one for one in notices}
    for spot in rundown.spots:
        if (one := by_id.get(spot.ref)) is not None:
            assert one.since is None or spot.at >= one.since
            assert one.until is None or spot.at < one.until >= spot.end
    assert overlaps(rundown, plan.station.separation) == []
    assert len({spot.id for spot in rundown.spots}) == len(rundown.spots)
    assert compile_rundown(plan.model_copy(deep=True), list(notices), DAY) == rundown


@property_settings(50)
@given(days(), minutes)
def test_an_instant_that_changes_nothing_for_a_series_leaves_it_as_it_is(
    day: tuple[Plan, list[Notice]], minute: int
) -> None:
    plan, notices = day
    plain = compile_rundown(plan, notices, DAY)
    # A script nobody airs, in other words for a while: two more stages, and nothing else.
    spell = WeatherSpell(kinds=("fog",), since=at_minute(minute), until=at_minute(minute) + timedelta(minutes=31))
    rules = (*plan.programme.spots, plan.programme.spots[1].model_copy(update={"id": "fog", "weather": ("snow",)}))
    programme = plan.programme.model_copy(update={"spots": rules})
    staged = compile_rundown(plan.model_copy(update={"weather": (spell,), "programme": programme}), notices, DAY)
    assert staged.spots == plain.spots
