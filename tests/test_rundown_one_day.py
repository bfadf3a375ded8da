"""What one date sets for single dayparts and spots: on that date, and on no other."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from broadcaster.rundown.compiler import compile_rundown
from broadcaster.rundown.explain import explain
from tests.plan_kit import CALENDAR, WEEKDAY, edited, faults_of, marked_calendar, plan_with, rundown_with, times

TZ = ZoneInfo("Asia/Shanghai")


def starts(entry: str, rule: str, on: date = WEEKDAY) -> list[str]:
    rundown = rundown_with(on, marked_calendar(WEEKDAY, entry))
    spots = [spot for spot in rundown.spots if spot.rule == rule and not spot.id.endswith("/1")]
    return [f"{spot.at.astimezone(TZ):%H:%M}" for spot in spots]


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        ("{spots: {weather: skip}}", []),
        ('{spots: {weather: "10:20"}}', ["10:20"]),
        ('{spots: {weather: ["10:20", "close - 1 h"]}}', ["10:20", "16:30"]),
        ('{spots: {weather: {at: "10:20"}}, close: "16:00"}', ["10:20"]),
    ],
)
def test_a_rule_on_one_date(entry: str, found: list[str]) -> None:
    assert starts(entry, "weather") == found
    assert starts(entry, "weather", WEEKDAY + timedelta(days=1)) == ["10:00"]


def test_a_rule_of_event_days_is_aired_on_a_date_that_asks_for_it() -> None:
    assert starts('{spots: {event-notices: "13:00"}}', "event-notices") == ["13:00"]
    assert starts("{}", "event-notices") == []


def test_dayparts_on_one_date() -> None:
    entry = '{dayparts: {promo-morning: {to: "11:00"}, midday-music: {from: "11:00", bed: light, level: light}}}'
    rundown = rundown_with(WEEKDAY, marked_calendar(WEEKDAY, entry))
    assert times(rundown, "promo-morning", "midday-music") == ["10:05–11:00", "11:00–14:00"] and not rundown.faults
    midday = next(segment for segment in rundown.segments if segment.daypart == "midday-music")
    assert midday.bed is not None and (midday.bed.playlist, midday.level) == ("light", "light")


def test_each_date_with_changes_of_its_own_is_checked() -> None:
    entries = '{2026-11-24: {dayparts: {weather: {dial: 24}}}, 2026-11-25: {dayparts: {weather: {to: "10:03"}}}}'
    (hole,) = faults_of({CALENDAR: edited(CALENDAR, ("dates: {}", f"dates: {entries}"))})
    assert (hole.code, hole.params["date"]) == ("hole", "2026-11-25")


def test_what_a_past_date_set_is_no_fault() -> None:
    assert faults_of(marked_calendar(date(2026, 1, 1), "{spots: {gone: skip}}")) == []
    assert [one.code for one in faults_of(marked_calendar(date(2026, 1, 1), "{spots: {weather: x}}"))] == ["bad-time"]


def test_why_says_that_it_is_for_this_date_only() -> None:
    plan = plan_with(marked_calendar(WEEKDAY, '{spots: {weather: "10:20"}, note: 停电, by: anna}'))
    told = explain(plan, compile_rundown(plan, (), WEEKDAY), datetime(2026, 11, 24, 10, 20, 5, tzinfo=TZ))
    assert any("仅 2026-11-24" in line and "停电" in line and "anna" in line for line in told["because"])
    assert any("for this date only" in line for line in told["because_en"])
