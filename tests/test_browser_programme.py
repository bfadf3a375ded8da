"""The programme edited in a real browser: what was dragged stands in the file, and is compiled from it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, FloatRect, Locator, Page, ViewportSize, expect

from broadcaster.web.app import create_app
from tests.programme_kit import Rooms, open_rooms
from tests.web_chromium import CONTRAST, MARKS, chromium, opened
from tests.web_fakes import DAY, FakeStation, Served, serve
from tests.web_offices import PASSWORD

pytestmark = MARKS

PHONE: ViewportSize = {"width": 390, "height": 844}
WEATHER, WEATHER_SPOT, PROMO, SEND_OFF = "dayparts-4/0", "spots-2/0", "dayparts-5/0", "dayparts-9/0"
AFTERNOON = "dayparts-8/0"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with opened(browser) as page:
        page.on("dialog", lambda dialog: dialog.accept())
        yield page


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[Rooms]:
    with open_rooms(tmp_path) as rooms:
        yield rooms


@pytest.fixture
def served(rooms: Rooms) -> Iterator[Served]:
    with serve(create_app(FakeStation("10:37:40"), rooms.offices)) as served:
        yield served


def enter(page: Page, served: Served, name: str = "wanglan", *, path: str = "/programme") -> None:
    page.goto(f"{served.url}/login?next={path}")
    page.get_by_label("账号").first.fill(name)
    page.locator("input[type=password]").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.goto(f"{served.url}{path}")
    if path.partition("?")[0] == "/programme":
        expect(page.locator("#programme")).to_have_attribute("data-ready", "true")


def block(page: Page, name: str) -> Locator:
    return page.locator(f'#timeline [data-block="{name}"]')


def in_view(page: Page, name: str, where: str = "center") -> FloatRect:
    """Where a block is, once it is in view: scrolled at once, for a moving page can't be aimed at."""
    block(page, name).evaluate("(e, where) => e.scrollIntoView({ block: where, behavior: 'instant' })", where)
    box = block(page, name).bounding_box()
    assert box
    return box


def drag(page: Page, name: str, minutes: float, *, end: bool = False) -> None:
    """Take a block in its middle, or at its lower edge, and drop it so many minutes later."""
    box = in_view(page, name, "end" if end else "center")
    slot_px = page.locator("#timeline .fc-timegrid-slot-lane").first.evaluate("e => e.getBoundingClientRect().height")
    x, y = box["x"] + box["width"] / 2, box["y"] + (box["height"] - 2 if end else box["height"] / 2)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 5 * (1 if minutes > 0 else -1))
    page.mouse.move(x, y + minutes * slot_px / 15, steps=6)
    page.mouse.up()


def checked(page: Page) -> None:
    """Wait until the last change was tried out."""
    expect(page.locator("#checking")).to_be_hidden()


def publish(page: Page, words: str = "") -> None:
    page.locator("#publish").click()
    if words:
        page.get_by_label("改了什么").fill(words)
    page.get_by_role("button", name="发布", exact=True).click()


def comments(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip().startswith("#")]


def test_the_weather_is_moved_by_mouse_and_the_rundown_follows(page: Page, served: Served, rooms: Rooms) -> None:
    before = rooms.text()
    enter(page, served)
    drag(page, WEATHER, 10)
    expect(block(page, WEATHER)).to_contain_text("10:10–10:15")
    expect(page.locator("#said")).to_contain_text("10:10")
    expect(page.locator("#effects")).to_contain_text("天气预报: 10:00 → 10:10")
    assert rooms.text() == before
    publish(page, "天气改到 10:10")
    expect(page.locator("#other-hand")).to_contain_text("已发布")
    after = rooms.text()
    assert comments(after) == comments(before) and len(after.splitlines()) == len(before.splitlines())
    spots = {spot["title_zh"]: spot["at"][11:16] for spot in rooms.rundown(DAY)["spots"]}
    assert spots["天气预报"] == "10:10"
    segments = [(one["daypart"], one["start"][11:16]) for one in rooms.rundown(DAY)["segments"]]
    assert ("weather", "10:10") in segments and ("promo-morning", "10:15") in segments
    assert rooms.room.versions(1)[0].words == "天气改到 10:10"


def test_only_the_block_moves_when_the_neighbours_stay(page: Page, served: Served) -> None:
    enter(page, served)
    page.get_by_label("相邻时段跟着动").uncheck()
    drag(page, WEATHER, 10)
    expect(block(page, PROMO)).to_contain_text("10:05–11:30")
    expect(page.locator("#faults")).to_contain_text("重叠")
    expect(page.locator("#faults")).to_contain_text("天气预报")
    page.locator("#publish").click()
    expect(page.locator("#publish-dialog")).to_contain_text("改好才能发布")
    expect(page.get_by_role("button", name="发布", exact=True)).to_be_hidden()


def test_the_keyboard_moves_resizes_and_undoes(page: Page, served: Served) -> None:
    enter(page, served)
    block(page, WEATHER).focus()
    page.keyboard.press("ArrowDown")
    expect(block(page, WEATHER)).to_contain_text("10:05–10:10")
    page.keyboard.press("Shift+ArrowDown")
    expect(block(page, WEATHER)).to_contain_text("10:05–10:15")
    expect(page.locator("#said")).to_contain_text("10:05 到 10:15")
    page.keyboard.press("Alt+ArrowUp")
    expect(block(page, WEATHER)).to_contain_text("10:04–10:14")
    expect(block(page, WEATHER)).to_be_focused()
    for _ in range(3):
        page.keyboard.press("Control+z")
    expect(block(page, WEATHER)).to_contain_text("10:00–10:05")
    expect(page.locator("#publish")).to_be_disabled()
    page.keyboard.press("Control+y")
    expect(block(page, WEATHER)).to_contain_text("10:05–10:10")


def test_the_keyboard_opens_the_form_and_asks_before_it_removes(page: Page, served: Served) -> None:
    enter(page, served)
    block(page, WEATHER).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#part-name")).to_be_focused()
    page.keyboard.press("Escape")
    expect(block(page, WEATHER)).to_be_focused()
    page.keyboard.press("Delete")
    page.get_by_role("button", name="取消").click()
    expect(block(page, WEATHER)).to_have_count(1)
    block(page, WEATHER).focus()
    page.keyboard.press("Delete")
    page.get_by_role("button", name="删除").click()
    expect(block(page, WEATHER)).to_have_count(0)
    expect(block(page, "dayparts-3/0")).to_contain_text("09:42–10:05")


def test_a_relative_time_goes_on_hanging_where_it_hung(page: Page, served: Served, rooms: Rooms) -> None:
    enter(page, served)
    drag(page, AFTERNOON, -10, end=True)
    expect(block(page, SEND_OFF)).to_contain_text("打烊前 15 分钟")
    publish(page)
    expect(page.locator("#other-hand")).to_contain_text("已发布")
    assert "from: close - 15 min\n    to: close\n" in rooms.text() and "to: close - 15 min" in rooms.text()


def test_a_finger_resizes(browser: Browser, served: Served, rooms: Rooms) -> None:
    context = browser.new_context(viewport={"width": 1024, "height": 768}, has_touch=True, locale="zh-CN")
    page = context.new_page()
    page.set_default_timeout(10_000)
    enter(page, served)
    box = in_view(page, WEATHER)
    hand = context.new_cdp_session(page)

    def touch(kind: str, x: float = 0, y: float = 0) -> None:
        points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
        hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch("touchStart", x, y)
    # A long press takes hold of it.
    expect(page.locator("#timeline .fc-event-selected.fc-event-mirror")).to_be_visible()
    touch("touchEnd")
    edge = page.locator(f'#timeline [data-block="{WEATHER}"] .fc-event-resizer-end').bounding_box()
    slot_px = page.locator("#timeline .fc-timegrid-slot-lane").first.evaluate("e => e.getBoundingClientRect().height")
    assert edge
    x, y = edge["x"] + edge["width"] / 2, edge["y"] + edge["height"] / 2
    touch("touchStart", x, y)
    for part in range(1, 7):
        touch("touchMove", x, y + part * 10 * slot_px / 15 / 6)
    touch("touchEnd")
    expect(block(page, WEATHER)).to_contain_text("10:00–10:15")
    expect(block(page, PROMO)).to_contain_text("10:15–11:30")
    context.close()


def test_exact_values_are_written_as_they_are_typed(page: Page, served: Served, rooms: Rooms) -> None:
    enter(page, served)
    block(page, WEATHER_SPOT).click()
    form = page.locator("#spot-form")
    form.get_by_label("名称", exact=True).fill("天气")
    form.get_by_label(re.compile("^时间: 时间")).fill("1007")
    form.get_by_label(re.compile("^时间: 时间")).press("Enter")
    form.get_by_label("最多晚几分钟").fill("7.5")
    form.get_by_label("念几遍").fill("2")
    form.get_by_label("念几遍").blur()
    expect(block(page, WEATHER_SPOT)).to_contain_text("10:07 天气")
    publish(page)
    expect(page.locator("#other-hand")).to_contain_text("已发布")
    spot = rooms.room.open().programme["spots"][2]
    assert (spot["title"]["zh"], spot["at"], spot["lateness"], spot["read"]) == ("天气", "10:07", "450 s", 2)


def test_a_fault_stands_at_its_field(page: Page, served: Served) -> None:
    enter(page, served)
    block(page, WEATHER).click()
    dial = page.locator("#part-form").get_by_label("刻度")
    dial.fill("99")
    dial.blur()
    expect(page.locator(".field", has=page.locator("#p-dial")).locator(".told.fault")).to_contain_text("99")
    expect(dial).to_have_attribute("aria-invalid", "true")
    expect(block(page, WEATHER).locator(".flag")).to_have_count(1)


def test_what_is_no_time_is_told_and_not_taken(page: Page, served: Served) -> None:
    enter(page, served)
    block(page, WEATHER).click()
    start = page.locator("#part-form").get_by_label(re.compile("^从: 时间"))
    start.fill("quarter past")
    start.blur()
    expect(start).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#publish")).to_be_disabled()


def test_a_daypart_is_added_without_gap_or_overlap_and_duplicated(page: Page, served: Served, rooms: Rooms) -> None:
    enter(page, served)
    block(page, PROMO).click()
    page.get_by_role("button", name="＋ 时段").click()
    expect(page.locator("#timeline .block", has_text="新时段")).to_contain_text("10:50–11:30")
    page.locator("#part-form").get_by_role("button", name="复制一份").click()
    expect(page.locator("#timeline .block", has_text="新时段")).to_have_count(2)
    checked(page)
    expect(page.locator("#check-state")).to_contain_text("没有错误")
    publish(page)
    expect(page.locator("#other-hand")).to_contain_text("已发布")
    names = [daypart["id"] for daypart in rooms.room.open().programme["dayparts"]]
    assert names[5:8] == ["promo-morning", "daypart-2", "daypart-3"]


def test_another_kind_of_day_keeps_what_is_unpublished(page: Page, served: Served) -> None:
    enter(page, served)
    drag(page, WEATHER, 10)
    page.get_by_role("link", name=re.compile("^活动日")).click()
    expect(page.locator("#timeline .block", has_text="活动通知")).to_have_count(2)
    expect(block(page, WEATHER)).to_contain_text("10:10–10:15")


def test_a_reload_loses_nothing(page: Page, served: Served) -> None:
    enter(page, served)
    drag(page, WEATHER, 10)
    expect(block(page, WEATHER)).to_contain_text("10:10–10:15")
    page.reload()
    expect(page.locator("#said")).to_contain_text("找回")
    expect(block(page, WEATHER)).to_contain_text("10:10–10:15")
    page.get_by_role("button", name="放弃改动…").click()
    page.locator("#ask").get_by_role("button", name="放弃改动").click()
    expect(block(page, WEATHER)).to_contain_text("10:00–10:05")


def test_leaving_with_unpublished_changes_warns(browser: Browser, served: Served) -> None:
    with opened(browser) as page:
        asked: list[str] = []

        def stay(dialog: Dialog) -> None:
            asked.append(dialog.type)
            dialog.dismiss()

        page.on("dialog", stay)
        enter(page, served)
        drag(page, WEATHER, 10)
        expect(page.locator("#unsaved")).to_be_visible()
        page.get_by_role("link", name="历史版本").click(no_wait_after=True)
        page.wait_for_function("() => true")
        expect(block(page, WEATHER)).to_contain_text("10:10–10:15")
        assert asked == ["beforeunload"]


def test_two_publish_and_the_second_chooses(page: Page, browser: Browser, served: Served, rooms: Rooms) -> None:
    enter(page, served)
    drag(page, WEATHER, 10)
    with opened(browser) as other:
        enter(other, served, "liqiang")
        block(other, SEND_OFF).click()
        other.locator("#p-title").fill("晚安曲")
        other.locator("#p-title").blur()
        publish(other, "送宾曲改名")
        expect(other.locator("#other-hand")).to_contain_text("已发布")
    publish(page, "天气改到 10:10")
    dialog = page.locator("#publish-dialog")
    expect(dialog).to_contain_text(re.compile("李强 在 .*送宾曲改名"))
    theirs = dialog.get_by_role("link", name=re.compile("看对方改了什么"))
    expect(theirs).to_have_attribute("href", re.compile("/programme/versions/compare"))
    dialog.get_by_role("button", name="在对方的基础上加上我的").click()
    expect(page.locator("#other-hand")).to_contain_text("已发布")
    dayparts = rooms.room.open().programme["dayparts"]
    assert (dayparts[4]["from"], dayparts[9]["title"]["zh"]) == ("10:10", "晚安曲")


def test_two_change_the_same_and_nothing_is_overwritten(
    page: Page, browser: Browser, served: Served, rooms: Rooms
) -> None:
    enter(page, served)
    drag(page, WEATHER, 10)
    with opened(browser) as other:
        enter(other, served, "liqiang")
        drag(other, WEATHER, 20)
        publish(other, "天气改到 10:20")
        expect(other.locator("#other-hand")).to_contain_text("已发布")
    theirs = rooms.text()
    publish(page, "天气改到 10:10")
    expect(page.locator("#publish-dialog")).to_contain_text("两人都改了")
    expect(page.get_by_role("button", name="在对方的基础上加上我的")).to_be_hidden()
    page.locator("#publish-dialog").get_by_role("button", name="放弃我的改动").click()
    page.locator("#ask").get_by_role("button", name="放弃我的改动").click()
    expect(block(page, WEATHER)).to_contain_text("10:20–10:25")
    assert rooms.text() == theirs


def test_a_hand_edit_appears_and_unpublished_work_stays(page: Page, served: Served, rooms: Rooms) -> None:
    enter(page, served)
    drag(page, WEATHER, 10)
    rooms.write(rooms.text().replace("zh: 送宾曲", "zh: 送客曲"))
    expect(page.locator("#other-hand")).to_contain_text("直接改了文件")
    expect(block(page, WEATHER)).to_contain_text("10:10–10:15")
    page.locator("#other-hand").get_by_role("button", name="放弃我的改动").click()
    page.locator("#ask").get_by_role("button", name="放弃我的改动").click()
    expect(block(page, SEND_OFF)).to_contain_text("送客曲")


def test_a_hand_edit_shows_at_once_where_nothing_is_unpublished(page: Page, served: Served, rooms: Rooms) -> None:
    enter(page, served)
    rooms.write(rooms.text().replace("zh: 送宾曲", "zh: 送客曲"))
    expect(block(page, SEND_OFF)).to_contain_text("送客曲")
    expect(page.locator("#other-hand")).to_be_visible()


def test_a_published_change_is_undone_in_its_version(page: Page, served: Served, rooms: Rooms) -> None:
    before = rooms.text()
    enter(page, served)
    drag(page, WEATHER, 10)
    publish(page, "天气改到 10:10")
    page.get_by_role("link", name="查看或撤销").click()
    expect(page.locator(".diff .plus").first).to_contain_text("10:10")
    page.get_by_role("button", name="撤销这一版的改动…").click()
    page.get_by_role("button", name="撤销", exact=True).click()
    expect(page.locator(".flash")).to_contain_text("已撤销")
    assert rooms.text() == before


def test_on_a_phone_the_list_and_its_form_do_the_same(page: Page, served: Served, rooms: Rooms) -> None:
    page.set_viewport_size(PHONE)
    enter(page, served)
    page.locator("#day-list button", has_text="天气预报").first.click()
    form = page.locator("#part-form")
    form.get_by_label(re.compile("^到: 时间")).fill("10:10")
    form.get_by_label(re.compile("^到: 时间")).blur()
    page.locator("#part-form").get_by_role("button", name="关闭表单").click()
    expect(page.locator("#day-list button", has_text="10:00–10:10")).to_be_focused()
    publish(page)
    expect(page.locator("#other-hand")).to_contain_text("已发布")
    dayparts = rooms.room.open().programme["dayparts"]
    assert (dayparts[4]["to"], dayparts[5]["from"]) == ("10:10", "10:10")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]


def test_who_only_looks_can_move_nothing(page: Page, served: Served, rooms: Rooms) -> None:
    before = rooms.text()
    enter(page, served, "laozhao")
    drag(page, WEATHER, 10)
    block(page, WEATHER).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#p-title")).to_be_disabled()
    expect(block(page, WEATHER)).to_contain_text("10:00–10:05")
    assert rooms.text() == before


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_is_legible(theme: str, page: Page, served: Served) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    enter(page, served)
    block(page, WEATHER).click()
    assert page.evaluate(CONTRAST) == []


def test_another_date_is_looked_at_before_publishing(page: Page, served: Served) -> None:
    enter(page, served)
    drag(page, WEATHER, 10)
    page.get_by_label("再看一天").fill(date(2026, 12, 7).isoformat())
    expect(page.locator("#effects section", has_text="2026-12-07")).to_contain_text("10:00 → 10:10")
