"""Accounts and notices in a real browser, as they are used at the desk and on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from broadcaster.web.app import create_app
from tests.web_chromium import CONTRAST, MARKS, chromium, opened
from tests.web_fakes import FakeStation, Served, serve
from tests.web_offices import PASSWORD, House, open_house

pytestmark = MARKS

PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with opened(browser) as page:
        yield page


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path) as house:
        yield house


@pytest.fixture
def served(house: House) -> Iterator[Served]:
    with serve(create_app(FakeStation("10:37:40"), house.offices)) as served:
        yield served


def log_in(page: Page, served: Served, name: str) -> None:
    page.goto(f"{served.url}/login")
    page.get_by_label("账号").fill(name)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.locator(".who")).to_contain_text("退出")


def write(page: Page, served: Served, text: str = "TATA木门重大优惠，满一千减二百。") -> None:
    page.goto(f"{served.url}/notices/new")
    page.get_by_label("标题").fill("满减活动")
    page.get_by_label("播音内容").fill(text)
    page.get_by_label("时间", exact=True).fill("10:45 14:00")


def test_the_first_account_opens_the_house(page: Page, tmp_path: Path) -> None:
    with open_house(tmp_path, people=()) as house, serve(create_app(FakeStation(), house.offices)) as served:
        page.goto(served.url)
        page.get_by_role("link", name="登录").click()
        page.get_by_label("登录用的账号").fill("wanglan")
        page.get_by_label("显示的姓名").fill("王兰")
        for label in ("密码", "再输入一次密码"):
            page.get_by_label(re.compile(f"^{label}")).fill(PASSWORD)
        page.get_by_role("button", name="建立账号").click()
        expect(page.locator(".who")).to_contain_text("王兰")


def test_the_preview_follows_while_somebody_types(page: Page, served: Served) -> None:
    log_in(page, served, "xiaomei")
    write(page, served)
    preview = page.locator("#preview")
    expect(preview).to_contain_text("10:45、14:00")
    expect(preview).to_contain_text("今天 2 次，共 24 秒")
    expect(preview.locator("ruby", has_text="一").first).to_contain_text("yì")
    expect(preview.locator(".source mark")).to_have_text(["TATA", "重"])
    page.get_by_label("播音内容").fill("原价999元，现价1999元。")
    expect(preview.locator(".remarks .is-serious")).to_contain_text("现价")
    expect(preview.locator(".doubts")).to_have_count(0)


def test_a_reading_is_corrected_where_it_is_doubted(page: Page, served: Served, house: House) -> None:
    log_in(page, served, "xiaomei")
    write(page, served)
    page.locator(".doubts li", has_text="TATA").get_by_label("读作").fill("塔塔")
    page.keyboard.press("Enter")
    expect(page.locator(".said")).to_contain_text("塔塔木门")
    page.get_by_role("button", name="chóng dà").click()
    expect(page.locator(".doubts")).to_have_count(0)
    assert [(entry.word, entry.reading) for entry in house.voice.lexicon()] == [("TATA", "塔塔"), ("重大", "chóng dà")]
    expect(page.get_by_label("标题")).to_have_value("满减活动")


def test_a_notice_is_heard_in_the_page(page: Page, served: Served) -> None:
    log_in(page, served, "xiaomei")
    write(page, served)
    page.get_by_role("button", name="试听").click()
    audio = page.locator("#preview audio")
    expect(audio).to_be_visible()
    # Waiting in the page by a string is what its policy forbids; a promise of the element is not.
    audio.evaluate("audio => audio.readyState >= 1 || new Promise(done => audio.onloadedmetadata = () => done(true))")
    assert audio.evaluate("audio => audio.duration") == pytest.approx(1.0, abs=0.05)


def go_by_menu(page: Page, name: str) -> None:
    """On a phone the way around slides in."""
    page.get_by_role("button", name="菜单").click()
    page.get_by_role("dialog").get_by_role("link", name=name).click()


def log_out(page: Page) -> None:
    if page.get_by_role("button", name="菜单").is_visible():
        page.get_by_role("button", name="菜单").click()
    page.locator(".me summary").click()
    page.get_by_role("button", name="退出").click()


def test_submitted_on_a_phone_approved_by_another_and_withdrawn(page: Page, served: Served, house: House) -> None:
    page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    log_in(page, served, "xiaomei")
    write(page, served)
    page.get_by_role("button", name="提交审批").click()
    expect(page.locator(".page-head .state")).to_have_text("待审批")
    expect(page.get_by_role("button", name="批准")).to_have_count(0)
    log_out(page)
    log_in(page, served, "wanglan")
    expect(page.locator(".navbar-toggler .badge")).to_contain_text("1")
    go_by_menu(page, "通知稿")
    page.locator(".queue").get_by_role("link", name="满减活动", exact=True).click()
    page.get_by_role("button", name="批准").click()
    expect(page.locator(".page-head .state")).to_contain_text("已批准")
    page.get_by_role("button", name="撤下").click()
    dialog = page.get_by_role("dialog", name="撤下这条通知")
    dialog.get_by_label("原因").fill("活动取消")
    dialog.get_by_role("button", name="撤下").click()
    expect(page.locator(".page-head .state")).to_have_text("已撤下")
    expect(page.locator("#standing .alert")).to_contain_text("活动取消")
    record = house.desk.get(1)
    assert record is not None and record.state == "withdrawn"
    expect(page.locator("#times-title")).to_have_count(0)


def test_an_author_sees_the_approval_without_loading_anew(page: Page, served: Served, house: House) -> None:
    log_in(page, served, "xiaomei")
    write(page, served)
    page.get_by_role("button", name="提交审批").click()
    expect(page.locator(".page-head .state")).to_have_text("待审批")
    approver = house.users.get("wanglan")
    assert approver is not None
    house.desk.approve(1, 1, approver)
    expect(page.locator(".page-head .state")).to_have_text("已批准，正在合成")
    expect(page.locator(".history")).to_contain_text("王兰")


def test_a_time_is_added_with_the_clock_of_the_phone(page: Page, served: Served) -> None:
    log_in(page, served, "xiaomei")
    page.goto(f"{served.url}/notices/new")
    for time in ("14:00", "10:45", "14:00"):
        page.get_by_label("要加上的时间").fill(time)
        page.get_by_role("button", name="加上这个时间").click()
    expect(page.get_by_label("时间", exact=True)).to_have_value("14:00 10:45")


def test_a_lost_child_is_called_in_few_steps(page: Page, served: Served, house: House) -> None:
    log_in(page, served, "wanglan")
    page.goto(f"{served.url}/forms")
    page.locator(".shelf .urgent").first.click()
    page.get_by_label("小名或姓").fill("乐乐")
    expect(page.locator("#preview .said")).to_contain_text("乐乐小朋友的家长")
    page.get_by_role("button", name="立即播出").click()
    expect(page.locator(".page-head .state")).to_contain_text("已批准")
    record = house.desk.get(1)
    assert record is not None and record.draft.priority == "urgent"


def test_a_theme_is_chosen_and_kept(page: Page, served: Served) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(served.url)
    root = page.locator("html")
    expect(root).to_have_attribute("data-bs-theme", "dark")
    page.locator(".themes summary").click()
    page.get_by_role("link", name="浅色").click()
    expect(root).to_have_attribute("data-bs-theme", "light")
    page.reload()
    expect(root).to_have_attribute("data-bs-theme", "light")
    page.locator(".themes summary").click()
    page.get_by_role("link", name="跟随系统").click()
    expect(root).to_have_attribute("data-bs-theme", "dark")


def test_a_menu_closes_with_escape(page: Page, served: Served) -> None:
    page.goto(served.url)
    page.locator(".themes summary").press("Enter")
    expect(page.get_by_role("link", name="浅色")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="浅色")).to_be_hidden()
    expect(page.locator(".themes summary")).to_be_focused()


def test_only_the_fields_of_the_chosen_way_are_shown(page: Page, served: Served) -> None:
    log_in(page, served, "xiaomei")
    page.goto(f"{served.url}/notices/new")
    for way, shown, hidden in (
        ("每隔一段时间", "每隔几分钟", "时间"),
        ("审批后立即播", "", "第一天"),
        ("定时", "第一天", "每隔几分钟"),
    ):
        page.get_by_label(way, exact=True).check()
        if shown:
            expect(page.get_by_label(re.compile(f"^{shown}"))).to_be_visible()
        expect(page.get_by_label(hidden, exact=hidden == "时间")).to_be_hidden()


def test_a_preview_that_fails_says_so_and_keeps_the_text(page: Page, served: Served) -> None:
    log_in(page, served, "xiaomei")
    write(page, served)
    expect(page.locator(".said")).to_be_visible()
    served.stop()
    page.get_by_role("button", name="预览").click()
    expect(page.locator("#preview-state")).to_contain_text("预览没有成功")
    served.start()
    page.get_by_role("button", name="预览").click()
    expect(page.locator("#preview-state")).to_have_text("")


def test_without_javascript_a_notice_is_written_all_the_same(page: Page, served: Served, house: House) -> None:
    assert page.context.browser
    context = page.context.browser.new_context(java_script_enabled=False, locale="zh-CN")
    plain = context.new_page()
    log_in(plain, served, "xiaomei")
    write(plain, served)
    plain.get_by_role("button", name="预览").click()
    expect(plain.locator(".doubts mark").first).to_have_text("TATA")
    plain.locator(".doubts li", has_text="TATA").get_by_label("读作").fill("塔塔")
    plain.locator(".doubts li", has_text="TATA").get_by_role("button", name="改正读音").click()
    expect(plain.locator(".said")).to_contain_text("塔塔木门")
    plain.get_by_role("button", name="提交审批").click()
    expect(plain.locator(".page-head .state")).to_have_text("待审批")
    assert house.desk.get(1) is not None
    context.close()


@pytest.mark.parametrize(("scheme", "lang"), [("light", "zh"), ("dark", "en")])
def test_pages_fit_a_phone_and_can_be_read(page: Page, served: Served, scheme: str, lang: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    log_in(page, served, "wanglan")
    write(page, served, "TATA木门重大优惠，原价999元，现价1999元。")
    page.get_by_role("button", name="提交审批").click()
    expect(page.locator(".page-head .state")).to_have_text("待审批")
    page.context.add_cookies([{"name": "lang", "value": lang, "url": served.url}])
    for path in ("/notices", "/notices/1", "/notices/1/edit", "/forms", "/forms/lost-child", "/lexicon", "/login"):
        page.goto(served.url + path)
        assert page.evaluate(CONTRAST) == [], path
        for width in (390, 320):
            page.set_viewport_size({"width": width, "height": 844})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
