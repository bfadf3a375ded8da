"""Local wall time of a date, against the plainest way to find an instant: looking at the wall minute by minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from broadcaster.plan.times import DAY_S
from broadcaster.rundown.day_clock import DayClock
from tests.rundown_kit import first_instant, property_settings

ZONES = [ZoneInfo(name) for name in ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe",
                                     "Africa/Cairo", "Asia/Beirut", "America/Santiago")]  # fmt: skip

#: Days on which some zone changes its clocks, at night or at midnight itself, and days on which none does.
DAYS = [date(2026, m, d) for m, d in ((3, 8), (3, 29), (4, 5), (4, 24), (9, 6), (10, 4), (10, 25), (10, 29), (11, 1))]


@property_settings(150)
@given(st.sampled_from(ZONES), st.sampled_from([*DAYS, date(2026, 7, 1)]), st.integers(0, 1440))
@example(ZoneInfo("Africa/Cairo"), date(2026, 4, 24), 30)
@example(ZoneInfo("Pacific/Apia"), date(2011, 12, 30), 600)
def test_a_local_time_is_its_first_instant(tz: ZoneInfo, day: date, minute: int) -> None:
    clock = DayClock(day, tz)
    assert clock.instant(clock.real(minute * 60)) == first_instant(tz, day, minute)


@property_settings(60)
@given(st.sampled_from(ZONES), st.sampled_from(DAYS), st.lists(st.integers(0, DAY_S), min_size=2, max_size=20))
def test_what_is_later_on_the_wall_is_never_earlier_on_air(tz: ZoneInfo, day: date, moments: list[int]) -> None:
    clock = DayClock(day, tz)
    real = [clock.real(moment) for moment in sorted(moments)]
    assert real == sorted(real)
    assert clock.base + timedelta(seconds=clock.real(DAY_S)) == DayClock(day + timedelta(days=1), tz).base


@pytest.mark.parametrize("tz", ZONES, ids=str)
def test_no_two_seconds_of_a_date_share_a_mark(tz: ZoneInfo) -> None:
    for day in DAYS:
        clock = DayClock(day, tz)
        marks = [clock.mark(second) for second in range(0, int(clock.real(DAY_S)), 300)]
        assert len(set(marks)) == len(marks)


def test_a_day_that_was_left_out_has_no_length() -> None:
    clock = DayClock(date(2011, 12, 30), ZoneInfo("Pacific/Apia"))
    assert {clock.real(hour * 3600) for hour in range(25)} == {0.0}


def test_midnight_is_the_store_s_own() -> None:
    assert DayClock(date(2026, 11, 24), ZoneInfo("Asia/Shanghai")).base == datetime(2026, 11, 23, 16, tzinfo=UTC)
    new_york = datetime.combine(date(2026, 11, 1), time(), ZoneInfo("America/New_York"))
    assert DayClock(date(2026, 11, 1), ZoneInfo("America/New_York")).base == new_york
