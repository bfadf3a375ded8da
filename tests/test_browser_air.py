"""The first page in a real browser: deeds of the desk, and a page that never shows the past as the present."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from broadcaster.web.app import create_app
from tests.web_air_kit import RANGES, SCRIPTS, Desk, later, open_desk, with_air
from tests.web_chromium import CONTRAST, MARKS, chromium, opened
from tests.web_fakes import Served, serve
from tests.web_offices import CHOICES

pytestmark = MARKS


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path) as desk:
        yield desk


@pytest.fixture
def served(desk: Desk) -> Iterator[Served]:
    with serve(desk.app) as served:
        yield served


@pytest.fixture
def page(browser: Browser, desk: Desk, served: Served) -> Iterator[Page]:
    """Logged in as the announcer, on the first page."""
    cookie = desk.client().get_cookie("broadcaster")
    assert cookie is not None
    with opened(browser) as page:
        page.context.add_cookies([{"name": "broadcaster", "value": cookie.value, "url": served.url}])
        page.goto(served.url)
        yield page


def shown_live(page: Page) -> None:
    expect(page.locator("#clock")).to_have_text(re.compile(r"^10:3\d:\d\d$"))


def test_pause_counts_down_and_is_taken_back_from_the_toast(page: Page, desk: Desk) -> None:
    page.get_by_role("group", name="暂停音乐几分钟").get_by_role("button", name="10 分钟").click()
    expect(page.locator(".now .headline")).to_have_text("音乐暂停中")
    count = page.locator(".hold .count")
    expect(count).to_have_text(re.compile(r"^9:5\d$"))
    before = count.inner_text()
    expect(count).not_to_have_text(before)
    page.locator(".deed-toast").get_by_role("button", name="撤销").click()
    expect(page.locator(".hold")).to_have_count(0)
    expect(page.locator(".now .note")).to_be_visible()
    assert desk.air.kept[0].ended_by == "wanglan"


def test_a_lost_child_is_called_in_three_presses(page: Page, desk: Desk) -> None:
    page.get_by_role("button", name="请家长到服务台").click()
    expect(page.get_by_label("小名或姓")).to_be_focused()
    page.keyboard.type("乐乐")
    page.keyboard.press("Enter")
    expect(page.locator(".deed-toast")).to_contain_text("几秒后播出")
    [waiting] = desk.house.desk.to_render()
    assert "乐乐小朋友的家长" in waiting.draft.text


def test_stopping_everything_asks_for_a_reason_and_shows_at_once(page: Page, desk: Desk) -> None:
    page.get_by_role("button", name="全部停播").click()
    stop = page.locator("#stop")
    expect(stop).to_contain_text("音乐和广播立刻全停")
    stop.get_by_role("button", name="全部停播").click()
    assert desk.air.kept == []
    stop.get_by_label("原因").fill("消防演习")
    stop.get_by_role("button", name="全部停播").click()
    expect(page.locator(".hold.is-stop")).to_contain_text("王兰：消防演习")
    expect(page.locator(".now .headline")).to_have_text("全部停播中")
    page.locator(".hold").get_by_role("button", name="恢复播出").click()
    expect(page.locator(".now .note")).to_be_visible()


def test_a_spot_that_sounds_is_asked_about_before_it_is_cut_off(page: Page, desk: Desk) -> None:
    later(desk.station, "10:38:12")
    page.locator(".now").get_by_role("button", name="跳过").click()
    expect(page.locator("#sure-words")).to_contain_text("“TATA木门促销”会在中间停下")
    page.locator("#sure").get_by_role("button", name="跳过").click()
    expect(page.locator(".now .note")).to_be_visible()
    assert [one.kind for one in desk.air.kept] == ["skip"]


def test_a_level_is_set_by_the_slider_and_by_steps_with_the_keyboard(page: Page, desk: Desk) -> None:
    page.locator(".now").get_by_role("button", name="轻一点").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".now .dial")).to_have_text("刻度 24.5")
    expect(page.locator(".now").get_by_role("button", name="轻一点")).to_be_focused()
    page.get_by_role("button", name="音量档位").click()
    expect(page.locator("#levels")).to_be_focused()
    page.locator("#trim-speech").press("ArrowLeft")
    expect(page.locator("#levels output").nth(1)).to_have_text("20.5")
    page.get_by_role("button", name="设定人声").click()
    expect(page.locator(".hold")).to_have_count(2)
    assert [(one.target, one.params["dial"]) for one in desk.air.kept] == [("light", 24.5), ("speech", 20.5)]


def test_something_is_found_and_played_now(page: Page, desk: Desk) -> None:
    page.get_by_role("button", name="马上播一条").click()
    page.locator("#play-search").fill("提醒")
    expect(page.locator(".play-list li:visible")).to_have_count(1)
    page.get_by_role("button", name="播友情提醒").click()
    expect(page.locator(".hold")).to_contain_text("人工插播：友情提醒")
    assert desk.air.kept[0].target == "script:reminder"


def test_closing_later_is_two_presses(page: Page, desk: Desk) -> None:
    page.get_by_role("button", name="晚打烊").click()
    page.get_by_role("button", name="18:30 打烊").click()
    expect(page.locator(".deed-toast")).to_contain_text("今天 18:30 打烊")
    assert desk.plan.marks[0][1].close == "18:30"
    page.locator(".deed-toast").get_by_role("button", name="撤销").click()
    expect(page.locator(".deed-toast")).to_contain_text("照原来的安排")
    assert desk.plan.undone == [41]


def test_enter_in_the_closing_time_sends_that_time(page: Page, desk: Desk) -> None:
    page.get_by_role("button", name="晚打烊").click()
    page.get_by_label("或者几点打烊").fill("19:30")
    page.get_by_label("或者几点打烊").press("Enter")
    expect(page.locator(".deed-toast")).to_contain_text("今天 19:30 打烊")
    assert [mark.close for _, mark, _ in desk.plan.marks] == ["19:30"]


def test_closing_earlier_is_asked_back_in_words(page: Page, desk: Desk) -> None:
    page.get_by_role("button", name="晚打烊").click()
    page.get_by_label("或者几点打烊").fill("16:00")
    page.get_by_role("button", name="就这样改").click()
    expect(page.locator("#sure-words")).to_contain_text("16:00 起没有音乐")
    assert desk.plan.marks == []
    page.locator("#sure-yes").click()
    expect(page.locator(".deed-toast")).to_contain_text("比原定早")
    assert desk.plan.marks[0][1].close == "16:00"


def test_a_cut_network_is_said_locks_the_deeds_and_is_mended(page: Page, desk: Desk) -> None:
    shown_live(page)
    page.context.set_offline(True)
    expect(page.locator("#lost")).to_contain_text("连接已断开")
    expect(page.locator("#clock")).to_have_text("––:––:––")
    mute = page.locator(".deeds").get_by_role("button", name="静音")
    expect(mute).to_have_attribute("aria-disabled", "true")
    page.get_by_role("button", name="5 分钟").first.click(force=True)
    page.wait_for_timeout(1000)
    expect(page.locator("html")).to_have_class(re.compile("is-lost"))
    page.context.set_offline(False)
    expect(page.locator("#lost")).to_be_hidden()
    expect(mute).not_to_have_attribute("aria-disabled", "true")
    assert desk.air.kept == []


def test_everything_can_be_stopped_while_the_page_is_lost(page: Page, desk: Desk, served: Served) -> None:
    shown_live(page)
    page.context.set_offline(True)
    expect(page.locator("#lost")).to_contain_text("连接已断开")
    page.locator(".deeds").get_by_role("button", name="全部停播").click()
    page.locator("#stop-reason").fill("火警")
    page.locator("#stop").get_by_role("button", name="全部停播").click()
    expect(page.locator(".deed-toast")).to_contain_text("停播没有送到")
    # What the page shows may be lost while the station itself hears well enough.
    page.context.set_offline(False)
    page.locator("#stop").get_by_role("button", name="全部停播").click()
    expect(page.locator(".deed-toast")).to_contain_text("已全部停播")
    assert [one.kind for one in desk.air.kept] == ["stop"]


def test_a_daemon_that_restarts_under_the_page_is_found_again_and_still_knows_who_it_is(
    page: Page, desk: Desk, served: Served
) -> None:
    served.stop()
    expect(page.locator("#lost")).to_contain_text("连接已断开")
    choices = replace(CHOICES, ranges=RANGES, scripts=SCRIPTS)
    served._app = create_app(desk.station, with_air(desk.house.offices, desk.air, desk.plan, choices))
    served.start()
    expect(page.locator("#lost")).to_be_hidden()
    page.get_by_role("group", name="暂停音乐几分钟").get_by_role("button", name="5 分钟").click()
    expect(page.locator(".now .headline")).to_have_text("音乐暂停中")
    assert desk.air.kept[0].who == "wanglan"


def test_a_laptop_that_slept_does_not_show_the_past(page: Page, served: Served) -> None:
    shown_live(page)
    page.context.set_offline(True)
    # Its count of milliseconds stood still; its wall clock went on.
    page.evaluate("() => { const real = Date.now; Date.now = () => real() + 3600e3; }")
    expect(page.locator("html")).to_have_class(re.compile("is-lost"))
    page.context.set_offline(False)
    expect(page.locator("#lost")).to_be_hidden()


def test_a_session_that_ended_leads_to_the_log_in(page: Page, desk: Desk) -> None:
    page.context.clear_cookies()
    page.get_by_role("group", name="暂停音乐几分钟").get_by_role("button", name="5 分钟").click()
    expect(page).to_have_url(re.compile("/login"))
    assert desk.air.kept == []


def test_focus_stays_while_the_page_renews_itself(page: Page, desk: Desk) -> None:
    shown_live(page)
    button = page.locator(".next li").nth(1).get_by_role("button")
    name = button.get_attribute("aria-label")
    button.focus()
    later(desk.station, "10:38:12")
    expect(page.locator(".now .badge")).to_have_text("插播")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == name


def test_the_meter_moves_and_is_told(page: Page) -> None:
    meter = page.get_by_role("meter", name="输出音量")
    expect(meter).to_have_attribute("aria-valuenow", "-21")
    expect(page.locator("#meter .rms")).to_have_attribute("width", "64.3%")
    expect(page.locator(".meter-row")).to_contain_text("不是实测")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_of_page_and_dialogs_has_contrast(page: Page, desk: Desk, theme: str) -> None:
    page.context.add_cookies([{"name": "theme", "value": theme, "url": page.url}])
    desk.air.stop("消防演习", by="wanglan", where="")
    desk.air.pause(5, by="wanglan", where="")
    page.reload()
    assert page.evaluate(CONTRAST) == []
    page.get_by_role("button", name="全部停播").click()
    expect(page.locator("#stop")).to_have_class(re.compile("show"))
    assert page.evaluate(CONTRAST) == []


def test_on_a_phone_nothing_is_cut_off_and_deeds_are_large(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    small = page.locator(".deeds .btn:visible, .next .btn:visible").evaluate_all(
        "all => all.map(e => e.getBoundingClientRect()).filter(r => r.height < 43.5 || r.width < 43.5).length"
    )
    assert small == 0


def test_the_screen_shows_words_while_they_are_spoken_and_forgets_them(
    browser: Browser, desk: Desk, served: Served
) -> None:
    with opened(browser) as screen:
        screen.goto(f"{served.url}/screen")
        expect(screen.locator("#quiet .clock")).to_have_text("10:37")
        expect(screen.locator("#said")).to_be_hidden()
        later(desk.station, "10:38:12")
        expect(screen.locator("#said p")).to_contain_text("TATA木门促销")
        served.stop()
        expect(screen.locator("#said")).to_be_hidden(timeout=15_000)
        expect(screen.locator("#clock")).to_have_text("––:––")
        served.start()
        expect(screen.locator("#said p")).to_contain_text("TATA木门促销")
