"""What holds for the rundown of any plan on any date."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from broadcaster.plan.plan import Plan
from broadcaster.plan.times import clock_text
from broadcaster.rundown.bed import bed_at, bed_between
from broadcaster.rundown.compiler import compile_rundown
from broadcaster.rundown.events import Airing, Rundown
from broadcaster.rundown.explain import explain
from tests.rundown_kit import loudness, on_date, out_of_order, overlaps, property_settings, small_plan

ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")

#: Ordinary dates, and those on which one of the zones changes its clocks.
DATES = st.sampled_from(
    [date(2026, 11, 24), date(2026, 11, 28), date(2026, 3, 29), date(2026, 10, 25), date(2026, 3, 8),
     date(2026, 11, 1), date(2026, 4, 5), date(2026, 10, 4)]
)  # fmt: skip

minutes = st.integers(0, 24 * 60 - 30)


@st.composite
def windows(draw: st.DrawFn) -> dict[str, str]:
    start = draw(minutes)
    end = draw(st.integers(start + 1, 24 * 60))
    return {"from": clock_text(start * 60), "to": clock_text(end * 60)}


@st.composite
def rules(draw: st.DrawFn, number: int) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "id": f"rule-{number}",
        "priority": draw(st.sampled_from(["scheduled", "rotation", "urgent"])),
    }
    kind = draw(st.sampled_from(["at", "every", "loop"]))
    if kind == "at":
        rule["at"] = [clock_text(minute * 60) for minute in draw(st.lists(minutes, min_size=1, max_size=4))]
        if draw(st.booleans()):
            rule["at"].append("close - 20 min")
    else:
        rule["windows"] = draw(st.lists(windows(), min_size=1, max_size=2))
        rule[kind] = draw(st.sampled_from(["10 min", "30 min"])) if kind == "every" else {"gap": "90 s"}
    if draw(st.booleans()):
        rule["script"] = draw(st.sampled_from("abc"))
    else:
        rule["rotation"] = "turns"
    if draw(st.booleans()):
        rule["followed_by"] = draw(st.sampled_from("abc"))
    if draw(st.booleans()):
        rule["days"] = draw(st.sampled_from(["weekend", "weekday", "event"]))
    rule["move_by"] = draw(st.sampled_from(["0 s", "60 s", "15 min"]))
    return rule


@st.composite
def dayparts(draw: st.DrawFn) -> list[dict[str, Any]]:
    """In order, or with holes and overlaps, which are faults that must not break anything else."""
    found = []
    for number in range(draw(st.integers(1, 4))):
        window = draw(windows())
        bed = draw(st.sampled_from(["music", "short", "silence"]))
        part = {"id": f"part-{number}", "title": "段", **window, "bed": bed, "level": "plain"}
        if draw(st.integers(0, 3)) == 0:
            part["to"] = "close"
        found.append(part)
    return found


@st.composite
def plans(draw: st.DrawFn, timezone: str | None = None) -> Plan:
    return small_plan(
        [draw(rules(number)) for number in range(draw(st.integers(0, 5)))],
        dayparts=draw(st.one_of(st.none(), dayparts())),
        lengths={name: draw(st.floats(1, 200).map(lambda seconds: round(seconds, 2))) for name in "abc"},
        rotations={"turns": ["a", "b", "c"]},
        tracks={"music": [200.0, 61.5, 30.25], "short": [2.0]},
        timezone=timezone or draw(st.sampled_from(ZONES)),
        separation=draw(st.sampled_from([0.0, 1.0, 3.0])),
    )


@property_settings(120)
@given(plans(), DATES)
def test_segments_never_overlap_and_no_two_spots_do(plan: Plan, on: date) -> None:
    rundown = compile_rundown(plan, (), on)
    assert out_of_order(rundown) == []
    assert overlaps(rundown, plan.station.separation) == []
    assert all(segment.end > segment.start for segment in rundown.segments)
    assert len({spot.id for spot in rundown.spots}) == len(rundown.spots)


@property_settings(80)
@given(plans("Asia/Shanghai"), DATES)
def test_nothing_is_outside_its_window_and_nothing_moves_too_far(plan: Plan, on: date) -> None:
    rundown = compile_rundown(plan, (), on)
    rules_by_id = {rule.id: rule for rule in plan.programme.spots}
    for spot in rundown.spots:
        rule = rules_by_id[spot.rule]
        assert spot.moved_from is None or spot.moved_from < spot.at
        if rule.loop is None and spot.moved_from is not None:
            assert (spot.at - spot.moved_from).total_seconds() <= rule.move_by
        if rule.windows:
            midnight = datetime.combine(on, datetime.min.time(), rundown.tz)
            inside = [
                midnight + timedelta(seconds=w.start.seconds) <= spot.at
                and spot.end <= midnight + timedelta(seconds=w.end.seconds)
                for w in rule.windows
            ]
            assert any(inside), spot


@property_settings(60)
@given(plans(), DATES, st.permutations([Airing("a", date(2026, 1, 1)), Airing("b", date(2026, 1, 2))] * 2))
def test_the_same_input_is_the_same_day(plan: Plan, on: date, history: list[Airing]) -> None:
    first = compile_rundown(plan, (), on, history)
    assert compile_rundown(plan.model_copy(deep=True), (), on, sorted(history, key=lambda airing: airing.ref)) == first


@property_settings(60)
@given(plans(), DATES, st.floats(0, 86_399), st.floats(0, 86_399))
def test_every_second_has_an_answer_that_is_so(plan: Plan, on: date, one: float, two: float) -> None:
    rundown = compile_rundown(plan, (), on)
    for second in (one, two):
        instant = datetime.combine(on, datetime.min.time(), rundown.tz) + timedelta(seconds=second)
        answer = explain(plan, rundown, instant)
        segment, spot = rundown.segment_at(instant), rundown.spot_at(instant)
        assert (answer["segment"] or {}).get("daypart") == (segment.daypart if segment else None)
        assert (answer["spot"] or {}).get("id") == (spot.id if spot else None)
        assert answer["because"] and len(answer["because"]) == len(answer["because_en"])


@property_settings(60)
@given(plans("Asia/Shanghai"), st.integers(18 * 60, 23 * 60))
def test_a_later_close_moves_only_what_hangs_on_it(plan: Plan, close: int) -> None:
    on = date(2026, 11, 24)
    before = compile_rundown(plan, (), on)
    after = compile_rundown(on_date(plan, on, close=clock_text(close * 60)), (), on)
    hung = {f"part-{n}" for n, part in enumerate(plan.programme.dayparts) if part.end.anchor == "close"}
    assume(not before.faults and not after.faults)
    kept = [segment for segment in before.segments if segment.daypart not in hung]
    assert all(segment in after.segments for segment in kept)


@property_settings(60)
@given(plans("Asia/Shanghai"), DATES)
def test_a_higher_priority_never_gives_way_to_a_lower(plan: Plan, on: date) -> None:
    urgent = [rule for rule in plan.programme.spots if rule.priority == "urgent"]
    alone = plan.model_copy(update={"programme": plan.programme.model_copy(update={"spots": tuple(urgent)})})
    together = compile_rundown(plan, (), on)
    names = {rule.id for rule in urgent}
    assert tuple(spot for spot in together.spots if spot.rule in names) == compile_rundown(alone, (), on).spots


@property_settings(60)
@given(plans(), DATES, st.integers(0, 86_000), st.integers(1, 900))
def test_the_bed_is_one_line_whoever_looks(plan: Plan, on: date, start: int, length: int) -> None:
    rundown = compile_rundown(plan, (), on)
    begin = datetime.combine(on, datetime.min.time(), rundown.tz) + timedelta(seconds=start)
    items = bed_between(plan, rundown, begin, begin + timedelta(seconds=length))
    for offset in range(0, length, max(1, length // 7)):
        instant = begin + timedelta(seconds=offset)
        sounding = bed_at(plan, rundown, instant)
        assert [item for item in items if item.start <= instant < item.end] == sounding
        _covers(rundown, instant, [loudness(item, instant) for item in sounding])


def _covers(rundown: Rundown, instant: datetime, amplitudes: list[float]) -> None:
    segment = rundown.segment_at(instant)
    assert sum(amplitudes) <= 1.000001
    if segment is not None and segment.bed is not None and segment.bed.repeat:
        assert 1 <= len(amplitudes) <= 2
    if segment is None or segment.bed is None:
        assert not amplitudes


def test_turns_are_even_within_a_day_and_over_a_month() -> None:
    rule = {"id": "r", "rotation": "turns", "every": "20 min", "windows": [{"from": "10:00", "to": "18:00"}]}
    plan = small_plan([rule], rotations={"turns": ["a", "b", "c"]})
    firsts: dict[str, int] = {}
    for offset in range(30):
        spots = compile_rundown(plan, (), date(2026, 6, 1) + timedelta(days=offset)).spots
        counts = [sum(spot.ref == ref for spot in spots) for ref in "abc"]
        assert max(counts) - min(counts) <= 1
        firsts[spots[0].ref] = firsts.get(spots[0].ref, 0) + 1
    assert set(firsts.values()) == {10}


def test_who_aired_least_comes_first() -> None:
    plan = small_plan([{"id": "r", "rotation": "turns", "at": "12:00"}], rotations={"turns": ["a", "b"]})
    history = [Airing("a", date(2026, 5, 30)), Airing("a", date(2026, 6, 1)), Airing("b", date(2026, 6, 5))]
    day = compile_rundown(plan, (), date(2026, 6, 1), history)
    assert day.spots[0].ref == "b"  # what aired on the day itself or later does not count


def test_a_skipped_hour_and_a_repeated_one_have_all_their_seconds() -> None:
    spot = {"id": "s", "script": "a", "at": ["02:30", "03:30"]}
    plan = small_plan([spot], timezone="Europe/Berlin")
    spring, autumn = (compile_rundown(plan, (), on) for on in (date(2026, 3, 29), date(2026, 10, 25)))
    assert [spring.segments[0].duration_s, autumn.segments[0].duration_s] == [23 * 3600, 25 * 3600]
    assert [one.at.isoformat()[11:16] for one in spring.spots] == ["01:00", "01:30"]
    assert [fault.code for fault in spring.faults] == ["no-such-time"] and not autumn.faults
    assert [one.at.isoformat()[11:16] for one in autumn.spots] == ["00:30", "02:30"]
