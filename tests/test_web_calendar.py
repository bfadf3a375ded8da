"""The calendar's pages: months, years, marks of dates, their undoing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from broadcaster.errors import Conflict
from broadcaster.web.app import create_app
from tests.calendar_kit import Store, open_store
from tests.web_fakes import FakeStation
from tests.web_forms import Page
from tests.web_offices import log_in, token


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path) as store:
        yield store


@pytest.fixture
def client(store: Store) -> FlaskClient:
    client = create_app(FakeStation(), store.offices).test_client()
    log_in(client, "wanglan")
    return client


def cell(page: str, on: str) -> str:
    found = re.search(rf'<td class="([^"]*)">\s*<a class="cal-day"[^>]*data-date="{on}".*?</td>', page, re.DOTALL)
    assert found, on
    return found[0]


def mark(client: FlaskClient, first: str, **form: str) -> str:
    fields = {"csrf_token": token(client, f"/calendar?date={first}"), "first": first, **form}
    return client.post("/calendar/mark", data=fields, follow_redirects=True).text


def test_a_month_has_holidays_and_make_up_workdays_by_name(client: FlaskClient) -> None:
    page = client.get("/calendar?month=2026-10").text
    assert "国庆节" in cell(page, "2026-10-01") and "节假日" in cell(page, "2026-10-01")
    assert "调休" in cell(page, "2026-10-10")
    assert "工作日" in cell(page, "2026-10-15")


def test_a_month_marks_today_and_weekends_with_other_words_than_colour(client: FlaskClient) -> None:
    page = client.get("/calendar").text
    today = cell(page, "2026-11-28")
    assert "is-today" in today and 'aria-current="date"' in today and "周末" in today and "今天" in today


def test_a_year_has_all_its_days(client: FlaskClient) -> None:
    page = client.get("/calendar/2026").text
    assert page.count("/calendar?date=2026-") == 365
    assert "春节" in page


def test_a_year_that_is_not_arranged_yet_says_so(client: FlaskClient) -> None:
    assert "尚未公布" in client.get("/calendar/2100").text
    assert "尚未公布" not in client.get("/calendar/2026").text


def test_years_and_dates_that_are_none_are_refused(client: FlaskClient) -> None:
    assert client.get("/calendar/9999").status_code == 404
    assert client.get("/calendar?month=2026-13").status_code == 404
    assert client.get("/calendar?date=yesterday").status_code == 404


def test_an_event_day_is_marked_and_taken_back(client: FlaskClient, store: Store) -> None:
    page = mark(client, "2026-12-12", **{"type-event": "yes", "note": "双十二"})
    assert "活动日" in cell(page, "2026-12-12") and "双十二" in cell(page, "2026-12-12")
    undo = re.search(r'action="(/calendar/undo/\d+)"', page)
    assert undo
    fields = {"csrf_token": token(client, "/calendar"), "date": "2026-12-12"}
    after = client.post(undo[1], data=fields, follow_redirects=True).text
    assert "活动日" not in cell(after, "2026-12-12")


def test_a_week_is_marked_in_one_go(client: FlaskClient, store: Store) -> None:
    page = mark(client, "2026-12-07", last="2026-12-13", **{"type-event": "yes"})
    assert all("活动日" in cell(page, f"2026-12-{number:02}") for number in range(7, 14))
    assert len(store.plan.marks) == 1 and len(store.plan.marks[0][0]) == 7


def test_before_saving_the_page_says_what_would_change(client: FlaskClient, store: Store) -> None:
    fields = {"csrf_token": token(client, "/calendar?date=2026-12-14"), "first": "2026-12-14", "closing": "30"}
    effect = client.post("/calendar/try", data=fields).text
    assert re.search(r"17:30.*18:00", effect, re.DOTALL)
    assert store.plan.marks == []


def test_without_script_the_same_form_shows_the_effect_and_keeps_what_was_filled_in(client: FlaskClient) -> None:
    page = mark(client, "2026-12-14", deed="try", closing="30")
    assert "会有什么变化" in page and re.search(r'value="30" selected', page)


def test_one_date_may_have_a_spot_moved_and_a_daypart_silent(client: FlaskClient, store: Store) -> None:
    page = client.get("/calendar/day/2026-12-14", headers={"HX-Request": "true"}).text
    rules, parts = re.findall(r'name="spot-([^"]+)"', page), re.findall(r'name="part-([^"]+)"', page)
    mark(
        client,
        "2026-12-14",
        **{f"spot-{rules[0]}": "at", f"times-{rules[0]}": "10:10、11:10", f"part-{parts[0]}": "silence"},
    )
    asked = store.plan.marks[0][1]
    assert asked.spots == {rules[0]: {"at": ["10:10", "11:10"]}} and asked.dayparts == {parts[0]: {"bed": "silence"}}


def test_one_offs_are_not_for_several_dates(client: FlaskClient, store: Store) -> None:
    assert "spot-" not in client.get("/calendar/day/2026-12-14?to=2026-12-15", headers={"HX-Request": "1"}).text
    mark(client, "2026-12-14", last="2026-12-15", **{"type-event": "yes", "spot-weather": "skip"})
    assert store.plan.marks[0][1].spots == {}


def test_nothing_chosen_is_no_change(client: FlaskClient, store: Store) -> None:
    assert "还没有选要改什么" in mark(client, "2026-12-14")
    assert store.plan.marks == []


@pytest.mark.parametrize("last", ["2026-12-13", "2027-12-14", "soon"])
def test_dates_backwards_or_too_many_are_refused(client: FlaskClient, store: Store, last: str) -> None:
    mark(client, "2026-12-14", last=last, **{"type-event": "yes"})
    assert store.plan.marks == []


def test_who_was_slower_reads_what_happened_and_keeps_the_form(client: FlaskClient, store: Store) -> None:
    store.plan.raises = Conflict("李强 在 10:36 改过 config/calendar.yaml")
    page = mark(client, "2026-12-14", **{"type-event": "yes", "note": "周年庆"})
    assert "李强 在 10:36 改过" in page and 'value="周年庆"' in page


def test_a_mark_says_of_which_state_it_was_made(client: FlaskClient, store: Store) -> None:
    page = client.get("/calendar?date=2026-12-14").text
    form = next(one for one in Page(page).forms if "first" in one.fields)
    mark(client, "2026-12-12", **{"type-event": "yes"})
    client.post("/calendar/mark", data={**form.fields, "closing": "30"})
    assert store.plan.tags == ["", "0-abc"]
    assert 'name="tag" value="2-abc"' in client.get("/calendar/day/2026-12-14", headers={"HX-Request": "1"}).text


def test_a_note_is_never_markup(client: FlaskClient, store: Store) -> None:
    page = mark(client, "2026-12-12", **{"type-event": "yes", "note": "<script>alert(1)</script>"})
    assert "<script>alert" not in page and "&lt;script&gt;" in page


def test_a_supervisor_looks_and_changes_nothing(store: Store) -> None:
    client = create_app(FakeStation(), store.offices).test_client()
    log_in(client, "laozhao")
    page = client.get("/calendar?date=2026-12-12").text
    assert 'id="mark"' not in page
    fields = {"csrf_token": token(client, "/account"), "first": "2026-12-12", "type-event": "yes"}
    assert client.post("/calendar/mark", data=fields).status_code == 403


def test_the_calendar_needs_an_account(store: Store) -> None:
    client = create_app(FakeStation(), store.offices).test_client()
    assert client.get("/calendar").status_code == 302
    assert client.get("/api/v1/calendar/2026").status_code == 401


def test_the_api_tells_types_hours_and_marks(client: FlaskClient) -> None:
    mark(client, "2026-12-12", **{"type-event": "yes", "note": "双十二"})
    day = client.get("/api/v1/days/2026-12-12").json
    assert day and day["types"][0] == "event" and day["set"]["note"] == "双十二"
    year = client.get("/api/v1/calendar/2026").json
    assert year and len(year["days"]) == 365 and year["days"][0]["public"]["zh"] == "元旦"
