"""What kind of day a date is, which setting wins, and when the store closes."""

from __future__ import annotations

from datetime import date
from itertools import combinations, product
from typing import Any

import pytest

from broadcaster.plan.calendar import BUILT_IN, EVENT, Day, ranking, resolve_day, type_title
from broadcaster.plan.models import Calendar
from broadcaster.plan.public_days import arrangement_published, known_country, public_day
from tests.plan_kit import CALENDAR, PROGRAMME, WEEKDAY, WEEKEND, edited, rundown_with, times

HOURS = {"open": "09:30", "close": "17:30"}
LATER = {"weekend": {"close_later": "30 min"}, "event": {"close_later": "30 min"}}
GOLDEN_WEEK = date(2026, 10, 4)
"""A Sunday inside the holiday."""


def day(on: date, types: dict[str, Any] | None = None, country: str | None = "CN", **entry: Any) -> Day:
    """A date under a calendar with those day types, and with an entry of its own."""
    dates = {on: entry} if entry else {}
    kinds = LATER if types is None else types
    return resolve_day(Calendar.model_validate({"hours": HOURS, "day_types": kinds, "dates": dates}), country, on)


def close(*arguments: Any, **entry: Any) -> str:
    seconds = day(*arguments, **entry).close_s
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}"


@pytest.mark.parametrize(
    ("on", "types"),
    [
        (date(2026, 11, 24), ("weekday",)),
        (date(2026, 11, 28), ("weekend",)),
        (date(2026, 10, 1), ("holiday",)),
        (date(2026, 10, 4), ("holiday", "weekend")),
        (date(2026, 10, 7), ("holiday",)),
        (date(2026, 10, 8), ("weekday",)),
        (date(2026, 10, 10), ("make-up-workday", "weekday")),
        (date(2026, 9, 20), ("make-up-workday", "weekday")),
        (date(2026, 2, 17), ("holiday",)),
        (date(2026, 1, 1), ("holiday",)),
    ],
)
def test_chinese_days(on: date, types: tuple[str, ...]) -> None:
    assert day(on).types == types


def test_holidays_are_named() -> None:
    assert day(date(2026, 10, 1)).reasons["holiday"].zh == "国庆节"
    assert day(date(2026, 10, 10)).reasons["make-up-workday"].zh == "国庆节调休上班"
    assert day(WEEKEND).reasons["weekend"].zh == "星期六"


@pytest.mark.parametrize(
    ("country", "on", "types"),
    [
        ("DE", date(2026, 10, 3), ("holiday", "weekend")),
        ("DE", date(2026, 10, 1), ("weekday",)),
        ("DE", date(2026, 12, 25), ("holiday",)),
        ("DE", date(2026, 10, 10), ("weekend",)),
        ("US", date(2026, 11, 26), ("holiday",)),
        (None, date(2026, 10, 1), ("weekday",)),
        (None, date(2026, 10, 10), ("weekend",)),
        (None, date(2026, 12, 25), ("weekday",)),
    ],
)
def test_other_countries_and_none(country: str | None, on: date, types: tuple[str, ...]) -> None:
    assert day(on, country=country).types == types


def test_a_year_that_is_not_published_has_its_statutory_days() -> None:
    assert not arrangement_published("CN", 2040) and arrangement_published("CN", 2026)
    assert arrangement_published("DE", 2040) and arrangement_published(None, 2040)
    found = public_day("CN", date(2040, 10, 1))
    assert found is not None and found.kind == "holiday" and "国庆" in found.zh


def test_countries_are_known_by_their_two_letters() -> None:
    assert known_country("CN") and known_country("DE") and not known_country("XX") and not known_country("CHN")


@pytest.mark.parametrize("types", [kinds for count in range(1, 6) for kinds in combinations(BUILT_IN, count)])
def test_of_all_types_a_day_carries_the_highest_decides_the_hours(types: tuple[str, ...]) -> None:
    closings = {name: {"close": f"{18 + rank}:00"} for rank, name in enumerate(BUILT_IN)}
    natural = day(WEEKDAY, closings).types
    found = day(WEEKDAY, closings, add=list(types), remove=[name for name in natural if name not in types])
    assert found.types == tuple(sorted(types, key=BUILT_IN.index, reverse=True))
    assert found.close_s == (18 + BUILT_IN.index(found.types[0])) * 3600


def test_a_programme_variant_goes_by_the_highest_type_too() -> None:
    variants = "".join(
        f"  - {{id: midday-music, title: {name}, days: {name}, from: '11:30', to: '14:00', bed: silence}}\n"
        for name in ("weekend", "event", "holiday")
    )
    text = edited(PROGRAMME, ("  - id: promo-afternoon", f"{variants}  - id: promo-afternoon"))
    for types, title in (
        ([], "weekend"),
        (["event"], "event"),
        (["holiday"], "holiday"),
        (["holiday", "event"], "event"),
    ):
        entry = edited(CALENDAR, ("dates: {}", f"dates: {{{WEEKEND}: {{add: [{', '.join(types)}]}}}}"))
        rundown = rundown_with(WEEKEND, {PROGRAMME: text, CALENDAR: entry})
        (segment,) = (segment for segment in rundown.segments if segment.daypart == "midday-music")
        assert (segment.title.zh, rundown.faults) == (title, ())


def test_weekend_and_event_shift_do_not_add_up() -> None:
    assert close(WEEKDAY) == "17:30"
    assert close(WEEKEND) == close(WEEKDAY, add=[EVENT]) == close(WEEKEND, add=[EVENT]) == "18:00"


@pytest.mark.parametrize(("weekend", "event"), list(product(("20 min", "30 min", "45 min"), repeat=2)))
def test_the_later_shift_counts(weekend: str, event: str) -> None:
    types = {"weekend": {"close_later": weekend}, "event": {"close_later": event}}
    minutes = max(int(length.split()[0]) for length in (weekend, event))
    assert day(WEEKEND, types, add=[EVENT]).close_s == (17 * 60 + 30 + minutes) * 60


def test_a_shift_comes_on_top_of_a_lower_type_s_closing_but_not_of_a_higher_one_s() -> None:
    types = {"weekend": {"close": "19:00"}, "event": {"close_later": "30 min"}}
    assert close(WEEKEND, types, add=[EVENT]) == "19:30"
    types = {"weekend": {"close_later": "30 min"}, "event": {"close": "19:00"}}
    assert close(WEEKEND, types, add=[EVENT]) == "19:00"


def test_the_date_s_own_setting_is_the_last_word() -> None:
    assert close(WEEKEND, add=[EVENT], close="16:00") == "16:00"
    assert close(WEEKEND, add=[EVENT], close_later="2 h") == "19:30"
    assert close(WEEKEND, add=[EVENT], close_later=0) == "17:30"
    assert day(WEEKEND, close="16:00").reasons["close"].zh == "当日指定"


def test_a_type_can_be_taken_away() -> None:
    assert day(GOLDEN_WEEK, remove=["weekend"]).types == ("holiday",)
    assert close(GOLDEN_WEEK) == "18:00" and close(GOLDEN_WEEK, remove=["weekend"]) == "17:30"
    assert day(WEEKDAY, remove=["weekday"]).types == ()


def test_the_store_s_own_types_stand_above_event_or_where_they_say() -> None:
    types = {
        "member-night": {"close": "21:00"},
        "quiet": {"above": "weekend", "close": "17:00"},
        "vip": {"title": "贵宾"},
    }
    calendar = Calendar.model_validate({"hours": HOURS, "day_types": types})
    assert ranking(calendar) == (
        "weekday", "weekend", "quiet", "make-up-workday", "holiday", "event", "member-night", "vip",
    )  # fmt: skip
    assert close(WEEKEND, types, add=["quiet"]) == "17:00"
    assert close(WEEKEND, {**types, **LATER}, add=["quiet", EVENT]) == "17:30"
    assert day(WEEKEND, types, add=["quiet", EVENT, "vip"]).types == ("vip", "event", "quiet", "weekend")
    assert (type_title(calendar, "vip").zh, type_title(calendar, "quiet").zh) == ("贵宾", "quiet")


def test_opening_can_be_set_by_type_and_date() -> None:
    types = {"weekend": {"open": "09:00"}, "event": {"open": "08:30"}}
    assert day(WEEKEND, types).open_s == 9 * 3600
    assert day(WEEKEND, types, add=[EVENT]).open_s == 8.5 * 3600
    assert day(WEEKEND, types, add=[EVENT], open="10:00").open_s == 10 * 3600


def test_moving_closing_moves_the_send_off_and_stretches_the_afternoon() -> None:
    for on, entry, send_off in (
        (WEEKDAY, "{}", "17:25–17:30"),
        (WEEKDAY, "{add: [event]}", "17:55–18:00"),
        (WEEKEND, "{add: [event]}", "17:55–18:00"),
        (GOLDEN_WEEK, "{add: [event]}", "17:55–18:00"),
        (WEEKEND, '{close: "21:00"}', "20:55–21:00"),
    ):
        rundown = rundown_with(on, {CALENDAR: edited(CALENDAR, ("dates: {}", f"dates: {{{on}: {entry}}}"))})
        assert times(rundown, "afternoon-music", "send-off") == [f"15:30–{send_off[:5]}", send_off]
        assert rundown.faults == ()
