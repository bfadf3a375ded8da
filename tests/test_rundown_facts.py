"""The starter kit compiled: exactly what the store's printed programme says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from broadcaster.plan.models import Timing
from broadcaster.plan.times import parse_moment
from broadcaster.rundown.compiler import compile_rundown
from broadcaster.rundown.events import Rundown, Spot
from tests.rundown_kit import local, notice, on_date, overlaps, shown, spots_of, starter_plan

TUESDAY, SATURDAY, NATIONAL_DAY = date(2026, 11, 24), date(2026, 11, 28), date(2026, 10, 1)

PRINTED = [
    ("09:20", "09:30", "staff-song"),
    ("09:30", "09:40", "welcome"),
    ("09:40", "09:42", "silence"),
    ("09:42", "10:00", "light"),
    ("10:00", "10:05", "light"),
    ("10:05", "11:30", "light"),
    ("11:30", "14:00", "english"),
    ("14:00", "15:30", "light"),
    ("15:30", "17:25", "english"),
    ("17:25", "17:30", "send-off"),
]
LATER = [*PRINTED[:-2], ("15:30", "17:55", "english"), ("17:55", "18:00", "send-off")]


def compiled(on: date, *types: str) -> Rundown:
    plan = starter_plan()
    return compile_rundown(on_date(plan, on, add=types) if types else plan, (), on)


@pytest.mark.parametrize(
    ("on", "types", "printed"),
    [
        (TUESDAY, (), PRINTED),
        (SATURDAY, (), LATER),
        (NATIONAL_DAY, (), PRINTED),
        (TUESDAY, ("event",), LATER),
        (SATURDAY, ("event",), LATER),
        (date(2026, 10, 3), ("event",), LATER),
        (date(2026, 10, 10), (), PRINTED),
    ],
)
def test_segments_are_the_printed_ones(on: date, types: tuple[str, ...], printed: list[tuple[str, str, str]]) -> None:
    rundown = compiled(on, *types)
    assert shown(rundown) == printed
    assert rundown.faults == ()


def test_levels_are_those_of_the_house_dial() -> None:
    dials = {(one.bed.playlist if one.bed else "", one.dial, one.gain_db) for one in compiled(TUESDAY).segments}
    assert dials == {
        ("staff-song", 22.5, -2.5), ("welcome", 22.5, -2.5), ("", None, None), ("light", 24.0, -4.0),
        ("english", 25.5, -5.5), ("send-off", 22.5, -2.5),
    }  # fmt: skip


def test_spots_of_an_ordinary_day() -> None:
    rundown = compiled(TUESDAY)
    assert spots_of(rundown, "staff-talk") == [("09:25:00", "staff-talk", 1)]
    assert spots_of(rundown, "welcome-speech") == [("09:42:00", "welcome-speech", 1)]
    weather = spots_of(rundown, "weather")
    assert [ref for _, ref, _ in weather] == ["weather", "friendly-reminder"] and weather[0][0] == "10:00:00"
    assert spots_of(rundown, "event-notices") == spots_of(rundown, "festive-greeting") == []
    loop = [spot for spot in rundown.spots if spot.rule == "vendor-promos"]
    assert local(rundown, loop[0].at) == "10:05:00"
    assert {spot.daypart for spot in loop} == {"promo-morning", "promo-afternoon"}


def wanted_at(rundown: Rundown, spot: Spot) -> str:
    return local(rundown, spot.moved_from or spot.at, "%H:%M")


def test_event_notices_come_each_half_hour_in_turns_read_twice() -> None:
    rundown = compiled(TUESDAY, "event")
    spots = [spot for spot in rundown.spots if spot.rule == "event-notices"]
    notices, reminders = spots[::2], spots[1::2]
    morning, afternoon = ["10:00", "10:30", "11:00", "11:30"], ["14:00", "14:30", "15:00", "15:30", "16:00", "16:30"]
    assert [wanted_at(rundown, spot) for spot in notices] == morning + afternoon
    assert all(spot.repeat == 2 for spot in spots)
    assert {spot.ref for spot in reminders} == {"event-reminder"}
    refs = [spot.ref for spot in notices]
    assert refs[:3] == refs[3:6] == refs[6:9] and len(set(refs[:3])) == 3
    weather = [spot for spot in rundown.spots if spot.rule == "weather"]
    assert notices[0].moved_from is not None and notices[0].at >= weather[-1].end


def test_holidays_have_the_greeting_and_the_reminder_at_eleven_and_two() -> None:
    rundown = compiled(NATIONAL_DAY)
    spots = [spot for spot in rundown.spots if spot.rule == "festive-greeting"]
    assert [spot.ref for spot in spots] == ["festive-greeting", "friendly-reminder"] * 2
    assert [local(rundown, spot.at) for spot in spots[::2]] == ["11:00:00", "14:00:00"]


def test_a_day_that_is_everything_at_once_queues_and_overlaps_nothing() -> None:
    rundown = compiled(date(2026, 10, 3), "event")
    assert rundown.day.types == ("event", "holiday", "weekend")
    assert overlaps(rundown, 1.0) == [] and rundown.dropped == ()
    at_two = [spot for spot in rundown.spots if wanted_at(rundown, spot) == "14:00"]
    assert [spot.ref for spot in at_two][:2] == ["festive-greeting", "friendly-reminder"]


def test_a_weekend_moves_nothing_but_the_send_off_and_what_meets_it() -> None:
    # The same date without its weekend, so that turns and shuffles are the same.
    plan = starter_plan()
    weekend = compile_rundown(plan, (), SATURDAY)
    plain = compile_rundown(on_date(plan, SATURDAY, remove=["weekend"], add=["weekday"]), (), SATURDAY)
    assert weekend.spots == plain.spots
    assert weekend.segments[:-2] == plain.segments[:-2]


def test_an_event_moves_only_the_loop_spots_that_it_touches() -> None:
    plain = {spot.id: spot for spot in compiled(SATURDAY).spots}
    event = {spot.id: spot for spot in compiled(SATURDAY, "event").spots}
    assert plain.keys() <= event.keys()
    moved = [name for name, spot in plain.items() if event[name].at != spot.at]
    assert moved and all("/vendor-promos/" in name and event[name].moved_from == plain[name].at for name in moved)


@pytest.mark.parametrize("close", ["12:00", "15:00", "16:00"])
def test_an_early_close_leaves_the_send_off_alone(close: str) -> None:
    rundown = compile_rundown(on_date(starter_plan(), TUESDAY, close=close), (), TUESDAY)
    assert rundown.faults == () and shown(rundown)[-1][1:] == (close, "send-off")
    assert all(spot.end <= rundown.segments[-1].start for spot in rundown.spots)
    assert all(a.end == b.start for a, b in zip(rundown.segments, rundown.segments[1:], strict=False))


def test_a_level_that_is_no_more_leaves_a_notice_at_the_level_of_speech() -> None:
    plan = starter_plan()
    one = replace(notice("notice-1", 8.0, Timing(at=(parse_moment("12:00"),))), level="gone")
    [spot] = [spot for spot in compile_rundown(plan, [one], date(2026, 11, 24)).spots if spot.ref == "notice-1"]
    assert (spot.level, spot.gain_db) == ("speech", -1.0)
