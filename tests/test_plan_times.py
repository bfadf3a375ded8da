"""Times and lengths as people write them, and dates and instants as they type them."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from broadcaster.commands.when import local_instant, parse_date
from broadcaster.errors import UsageError
from broadcaster.plan.times import DAY_S, Moment, clock_text, is_clock, length_text, parse_length, parse_moment
from tests.plan_kit import PROGRAMME, STATION, edited, rundown_with, times

BERLIN, SHANGHAI = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Shanghai")

moments = st.one_of(
    st.builds(Moment, st.just("midnight"), st.integers(0, DAY_S)),
    st.builds(Moment, st.sampled_from(["open", "close"]), st.integers(-DAY_S, DAY_S)),
)


@given(moments)
def test_a_moment_reads_back_as_it_was_written(moment: Moment) -> None:
    assert parse_moment(str(moment)) == moment


@given(st.integers(0, DAY_S))
def test_a_length_reads_back_as_it_was_written(seconds: int) -> None:
    assert parse_length(length_text(seconds)) == seconds


@given(st.text(max_size=12) | st.integers() | st.floats() | st.none() | st.booleans())
def test_anything_else_is_a_fault_and_never_a_crash(value: object) -> None:
    for parse in (parse_moment, parse_length):
        try:
            parse(value)
        except PydanticCustomError as error:
            assert error.type in ("bad_time", "bad_length")


@given(moments, st.integers(0, DAY_S), st.integers(0, DAY_S), st.integers(-3600, 3600))
def test_only_what_hangs_on_closing_moves_with_it(moment: Moment, open_s: int, close_s: int, by: int) -> None:
    moved = moment.on(open_s, close_s + by) - moment.on(open_s, close_s)
    assert moved == (by if moment.anchor == "close" else 0)


@pytest.mark.parametrize(
    ("text", "anchor", "seconds"),
    [
        ("9:20", "midnight", 33_600),
        (" 09:20:30 ", "midnight", 33_630),
        ("09:42", "midnight", 34_920),
        ("24:00", "midnight", 86_400),
        ("00:00", "midnight", 0),
        ("open", "open", 0),
        ("Close", "close", 0),
        ("open + 5 min", "open", 300),
        ("close-5min", "close", -300),
        ("close − 1.5 h", "close", -5400),
        ("打烊 - 5 分钟", "close", -300),
        ("关门－5分", "close", -300),
        ("开门+10秒", "open", 10),
        ("开业 ＋ 1 小时", "open", 3600),
        ("close - 90", "close", -90),
    ],
)
def test_moments(text: str, anchor: str, seconds: int) -> None:
    moment = parse_moment(text)
    assert (moment.anchor, moment.seconds) == (anchor, seconds)


@pytest.mark.parametrize(
    "text",
    ["", "9", "9.20", "25:00", "24:01", "24:00:01", "12:60", "09:5", "09:42pm", "-1:00", "close + 5 min - 1 min",
     "close 5 min", "closing - 5 min", "open - -5 min", "open + 25 h", "open +", "noon", "9:20:61", "1e3:00"],
)  # fmt: skip
def test_not_moments(text: str) -> None:
    with pytest.raises(PydanticCustomError):
        parse_moment(text)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [(90, 90.0), (1.5, 1.5), (0, 0.0), ("90", 90.0), ("30 s", 30.0), ("2.5 min", 150.0), ("1 h", 3600.0),
     ("5 MIN", 300.0), ("30秒钟", 30.0), ("5 分钟", 300.0), ("1 小时", 3600.0), ("24 h", 86_400.0)],
)  # fmt: skip
def test_lengths(value: object, seconds: float) -> None:
    assert parse_length(value) == seconds


@pytest.mark.parametrize("value", ["", "5 m", "five min", "-5 s", "25 h", "1 h 30 min", "5 min.", -1, True, None, [],
                                   float("nan"), float("inf"), 86_401])  # fmt: skip
def test_not_lengths(value: object) -> None:
    with pytest.raises(PydanticCustomError):
        parse_length(value)


def test_clock_texts() -> None:
    assert [clock_text(s) for s in (0, 34_920, 34_950, 86_400, 90_000)] == [
        "00:00",
        "09:42",
        "09:42:30",
        "24:00",
        "25:00",
    ]
    assert is_clock("18:30") and not is_clock("close") and not is_clock("25:00")


# --- what is typed on the command line


def at(text: str, tz: ZoneInfo = SHANGHAI, today: date | None = date(2026, 11, 28)) -> str:
    return local_instant(text, tz, today).isoformat()


def test_local_times_are_the_store_s() -> None:
    assert at("2026-11-28T09:42:10") == at("2026-11-28 09:42:10") == "2026-11-28T01:42:10+00:00"
    assert at("09:42") == at("9:42") == at("9:42:00") == "2026-11-28T01:42:00+00:00"
    assert at("2026-11-28T09:42:10+01:00") == "2026-11-28T08:42:10+00:00"
    assert at("2026-11-28T09:42:10.250") == "2026-11-28T01:42:10.250000+00:00"


@pytest.mark.parametrize(
    "text", ["", "25:00", "9:60", "tomorrow", "2026-11-31T09:00", "0001-01-01T00:00", "9999-12-31T23:59"]
)
def test_not_local_times(text: str) -> None:
    with pytest.raises(UsageError, match="not a time"):
        at(text)


def test_a_time_alone_needs_a_day_to_belong_to() -> None:
    with pytest.raises(UsageError):
        at("09:42", today=None)


def test_an_hour_that_the_clocks_skip_does_not_exist_and_one_that_comes_twice_means_the_first() -> None:
    with pytest.raises(UsageError, match="does not exist"):
        at("2026-03-29T02:30:00", BERLIN)
    assert at("2026-10-25T02:30:00", BERLIN) == "2026-10-25T00:30:00+00:00"


@pytest.mark.parametrize("text", ["2026-13-01", "28.11.2026", "", "0001-01-01", "9999-12-31"])
def test_not_dates(text: str) -> None:
    assert parse_date(" 2026-11-28 ") == date(2026, 11, 28)
    with pytest.raises(UsageError, match="2026-11-28"):
        parse_date(text)


# --- a programme in a zone whose clocks change

BERLINER = {STATION: edited(STATION, ("Asia/Shanghai ", "Europe/Berlin "), ("country: CN ", "country: DE "))}
NIGHT = '  - {id: night, title: 夜, from: "01:00", to: "04:00", bed: {playlist: light}, level: light}\n'
DAWN = '  - {id: dawn, title: 晨, from: "04:00", to: "09:20", bed: silence}\n  - id: staff-song'


@pytest.mark.parametrize(("on", "offset"), [(date(2026, 3, 29), "+02:00"), (date(2026, 10, 25), "+01:00")])
def test_the_printed_times_hold_on_days_when_the_clocks_change(on: date, offset: str) -> None:
    rundown = rundown_with(on, BERLINER)
    assert times(rundown, "welcome-music", "send-off") == ["09:30–09:40", "17:55–18:00"]
    assert rundown.segments[0].start.astimezone(rundown.tz).isoformat() == f"{on}T09:20:00{offset}"
    assert rundown.faults == ()


@pytest.mark.parametrize(("on", "hours"), [(date(2026, 3, 29), 2), (date(2026, 10, 25), 4), (date(2026, 6, 1), 3)])
def test_a_night_is_as_long_as_its_hours_that_day(on: date, hours: int) -> None:
    rundown = rundown_with(on, {**BERLINER, PROGRAMME: edited(PROGRAMME, ("  - id: staff-song", NIGHT + DAWN))})
    night, dawn = rundown.segments[:2]
    assert (night.end - night.start).total_seconds() == hours * 3600
    assert night.end == dawn.start == datetime(on.year, on.month, on.day, 4, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("on", "utc"), [(date(2026, 3, 29), "01:00"), (date(2026, 10, 25), "00:30"), (date(2026, 6, 1), "00:30")]
)
def test_a_spot_in_a_skipped_hour_airs_when_the_clocks_have_moved_and_in_a_repeated_one_once(
    on: date, utc: str
) -> None:
    text = edited(PROGRAMME, ("  - id: staff-song", NIGHT + DAWN), ('at: "10:00"', 'at: "02:30"'))
    rundown = rundown_with(on, {**BERLINER, PROGRAMME: text})
    assert [f"{spot.at:%H:%M}" for spot in rundown.spots if spot.ref == "weather"] == [utc]
    assert [fault.code for fault in rundown.faults] == (["no-such-time"] if on.month == 3 else [])
