"""The calendar and the day page in a real browser; what is marked there is read back from the file and compiled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from broadcaster.plan.plan import Plan
from broadcaster.rooms.calendar_room import CalendarRoom
from broadcaster.web.app import create_app
from tests.plan_kit import CALENDAR
from tests.programme_kit import Rooms, open_rooms
from tests.web_chromium import MARKS, chromium, opened
from tests.web_fakes import DAY, FakeStation, serve
from tests.web_offices import PASSWORD

pytestmark = MARKS


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with opened(browser) as page:
        yield page


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[Rooms]:
    with open_rooms(tmp_path) as rooms:
        yield rooms


@pytest.fixture
def url(rooms: Rooms, page: Page) -> Iterator[str]:
    @cache
    def plan_of(_text: str) -> Plan | None:
        return rooms.publisher.publish(DAY, render=False).plan

    calendar = CalendarRoom(lambda: plan_of(calendar_of(rooms)))
    with serve(create_app(FakeStation(), replace(rooms.offices, calendar=calendar))) as served:
        page.goto(f"{served.url}/login")
        page.fill("[name=name]", "wanglan")
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url(f"{served.url}/")
        yield served.url


def calendar_of(rooms: Rooms) -> str:
    return (rooms.home / CALENDAR).read_bytes().decode()


def closing(rooms: Rooms, on: date) -> str:
    """When the last segment of a compiled date ends."""
    return str(rooms.rundown(on)["segments"][-1]["end"])[11:16]


def test_an_event_day_at_a_click_with_its_effect_before_saving_and_undone_after(
    page: Page, url: str, rooms: Rooms
) -> None:
    before = calendar_of(rooms)
    page.goto(f"{url}/calendar?month=2026-12")
    page.click("[data-date='2026-12-15']")
    expect(page.locator("#panel-title")).to_be_focused()
    page.get_by_role("group", name="活动日").get_by_text("是", exact=True).click()
    expect(page.locator("#effect")).to_contain_text("18:00")
    assert calendar_of(rooms) == before
    page.get_by_role("button", name="保存").click()
    expect(page.locator("td.is-chosen")).to_contain_text("活动日")
    assert "2026-12-15" in calendar_of(rooms) and closing(rooms, date(2026, 12, 15)) == "18:00"
    page.get_by_role("button", name="撤销").click()
    expect(page.locator("[data-date='2026-12-15']")).not_to_contain_text("活动日")
    assert calendar_of(rooms) == before and closing(rooms, date(2026, 12, 15)) == "17:30"


def test_shift_and_a_second_date_mark_all_between_in_one_version(page: Page, url: str, rooms: Rooms) -> None:
    page.goto(f"{url}/calendar?month=2026-12")
    page.click("[data-date='2026-12-08']")
    expect(page.locator("#panel-title")).to_contain_text("2026-12-08")
    page.click("[data-date='2026-12-10']", modifiers=["Shift"])
    expect(page.locator("#panel-title")).to_contain_text("2026-12-08 – 2026-12-10")
    expect(page.locator("td.is-chosen")).to_have_count(3)
    page.get_by_label("打烊", exact=True).select_option("30")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".cal-done")).to_be_visible()
    assert [closing(rooms, date(2026, 12, number)) for number in (7, 8, 9, 10, 11)] == [
        "17:30", "18:00", "18:00", "18:00", "17:30",
    ]  # fmt: skip
    assert rooms.room.versions()[0].changed == (CALENDAR,)


def test_one_spot_is_moved_on_one_date_by_keyboard_alone(page: Page, url: str, rooms: Rooms) -> None:
    page.goto(f"{url}/calendar?month=2026-12")
    page.focus("[data-date='2026-12-15']")
    page.keyboard.press("Enter")
    expect(page.locator("#panel-title")).to_be_focused()
    page.locator("details.fold > summary").focus()
    page.keyboard.press("Enter")
    page.locator("[name='times-welcome-speech']").press_sequentially("09:50")
    page.keyboard.press("Enter")
    expect(page.locator(".cal-done")).to_be_visible()
    spots = {on: [one["at"][11:16] for one in rooms.rundown(date(2026, 12, on))["spots"]
                  if str(one["rule"]).startswith("welcome-speech ")] for on in (15, 16)}  # fmt: skip
    assert "09:50" in spots[15] and "09:50" not in spots[16]


def test_a_hand_on_the_file_is_seen_at_the_next_look(page: Page, url: str, rooms: Rooms) -> None:
    page.goto(f"{url}/calendar?month=2026-12")
    text = calendar_of(rooms)
    (rooms.home / CALENDAR).write_bytes(
        text.replace("dates: {}", "dates:\n  2026-12-24: {add: [event], note: 平安夜}").encode()
    )
    page.reload()
    expect(page.locator("[data-date='2026-12-24']")).to_contain_text("平安夜")


def test_why_comes_when_it_is_asked_for_and_now_is_a_click_away(page: Page, url: str) -> None:
    page.goto(f"{url}/day/2026-11-28")
    page.get_by_role("link", name="到现在").click()
    row = page.locator("#next")
    expect(row).to_be_in_viewport()
    row.locator("summary").click()
    expect(row.locator(".why-words")).to_contain_text("插播“欢迎语”09:42:00 开始")
