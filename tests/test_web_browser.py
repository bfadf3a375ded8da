"""The page in a real browser, against a served app."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from broadcaster.clock import RehearsalClock
from broadcaster.web.app import create_app
from tests.web_chromium import CONTRAST, MARKS, chromium, opened
from tests.web_fakes import PROGRAMME, FakeStation, Served, at, serve

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
def station() -> FakeStation:
    return FakeStation("10:37:40")  # between two spots: the next begins at 10:38:10


@pytest.fixture
def served(station: FakeStation) -> Iterator[Served]:
    with serve(create_app(station)) as served:
        yield served


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("zh", ["正在播出", "厂商促销信息循环", "接下来", "TATA木门促销", "轻音乐", "刻度 24", "−4.0 dB", "播放引擎"]),
        ("en", ["On air now", "Vendors' promo loop", "What comes next", "dial 24", "−4.0 dB", "Playout"]),
    ],
)
def test_now_next_and_today_in_both_languages(page: Page, served: Served, lang: str, words: list[str]) -> None:
    page.goto(f"{served.url}/lang/{lang}")
    for word in words:
        expect(page.locator("#air")).to_contain_text(word)
    expect(page.locator("#day h2")).to_contain_text("2026-11-28")
    expect(page.get_by_role("img", name=re.compile("按比例|to scale"))).to_be_visible()


def test_times_are_the_stations_and_run(page: Page, served: Served) -> None:
    page.goto(served.url)
    expect(page.locator("#clock")).to_have_text(re.compile("^10:3[78]:"))
    count = page.locator(".next .count").first
    before = count.inner_text()
    assert re.fullmatch(r"\d:\d\d", before)
    expect(count).not_to_have_text(before)


def test_a_wrong_browser_clock_changes_nothing(page: Page, served: Served) -> None:
    page.add_init_script("const real = Date.now; Date.now = () => real() + 9e7;")
    page.goto(served.url)
    expect(page.locator("#clock")).to_have_text(re.compile("^10:3[78]:"))


def test_a_lost_connection_is_said_and_mended(page: Page, served: Served) -> None:
    page.goto(served.url)
    expect(page.locator("#lost")).to_be_hidden()
    served.stop()
    expect(page.locator("#lost")).to_contain_text("连接已断开")
    expect(page.locator("#lost time")).to_have_text(re.compile("^10:3"))
    expect(page.locator(".now .count")).to_have_text("–:––")
    expect(page.locator("#clock")).to_have_text("––:––:––")
    served.start()
    expect(page.locator("#lost")).to_be_hidden()
    expect(page.locator(".now .count")).to_have_text(re.compile(r"^\d+:\d\d$"))


def test_a_station_that_stands_still_is_not_live(page: Page, station: FakeStation, served: Served) -> None:
    page.goto(served.url)
    frozen = station.status()
    station.status = lambda: frozen  # type: ignore[method-assign]
    expect(page.locator("#lost")).to_contain_text("连接已断开")


def test_the_next_spot_comes_on_air_by_itself(page: Page, station: FakeStation, served: Served) -> None:
    page.goto(served.url)
    expect(page.locator(".now .note")).to_be_visible()
    station.clock = RehearsalClock(at("10:38:09"))
    expect(page.locator(".now .headline")).to_contain_text("TATA木门促销")
    expect(page.locator(".spoken")).to_contain_text("亲爱的顾客")
    expect(page.get_by_role("status")).to_contain_text("正在播报：TATA木门促销")
    expect(page.locator("tr.is-airing th")).to_contain_text("TATA木门促销")


def test_midnight_and_a_new_plan_bring_a_new_day(page: Page, station: FakeStation, served: Served) -> None:
    station.clock = RehearsalClock(at("23:59:59"))
    page.goto(served.url)
    expect(page.locator("#day h2")).to_contain_text("2026-11-29")
    page.evaluate("document.querySelector('#day .timeline').remove()")
    station.loaded_at += timedelta(hours=15)
    expect(page.locator("#day .timeline")).to_be_visible()


def test_bands_are_drawn_in_order_and_to_scale(page: Page, served: Served) -> None:
    page.goto(served.url)
    drawn = page.locator(".band > rect").evaluate_all(
        "rects => rects.map(r => [r.parentNode.dataset.daypart, r.getBoundingClientRect().x, r.getBBox().width])"
    )
    assert [name for name, _, _ in drawn] == [row[2] for row in PROGRAMME]
    minutes = [(at(row[1]) - at(row[0])) / timedelta(minutes=1) for row in PROGRAMME]
    scale = drawn[5][2] / minutes[5]
    assert [width for _, _, width in drawn] == pytest.approx([m * scale for m in minutes], abs=0.6)
    offsets = [(at(row[0]) - at("09:20")) / timedelta(minutes=1) * scale for row in PROGRAMME]
    assert [x - drawn[0][1] for _, x, _ in drawn] == pytest.approx(offsets, abs=1.6)


def test_the_now_line_stands_where_now_is(page: Page, served: Served) -> None:
    page.goto(served.url)
    expect(page.locator(".timeline .now-line")).not_to_have_attribute("x1", "-1%")
    share = page.evaluate("""() => {
      const band = document.querySelector(".band[data-daypart=promo-am] rect");
      const line = document.querySelector(".timeline .now-line").getBoundingClientRect();
      return (line.x - band.getBoundingClientRect().x) / band.getBBox().width;
    }""")
    assert share == pytest.approx(32.7 / 85, abs=0.02)


def test_outcomes_have_words_and_shapes(page: Page, station: FakeStation, served: Served) -> None:
    spots = [spot["id"] for spot in station.rundown(station.today())["spots"]]
    station.outcomes = {
        spots[4]: ("failed", "录音缺失"),
        spots[5]: ("skipped", "迟到 75 秒"),
        spots[6]: ("partial", ""),
    }
    page.goto(served.url)
    for state, word in (("failed", "失败"), ("skipped", "跳过"), ("partial", "部分播出"), ("aired", "已播")):
        cell = page.locator(f"tr.is-{state} .became").first
        expect(cell).to_contain_text(word)
        assert page.locator(f".mark.is-{state}").count() >= 1
    expect(page.locator("tr.is-failed")).to_contain_text("录音缺失")
    shapes = {
        page.locator(f".legend svg.is-{state}").inner_html() for state in ("failed", "skipped", "partial", "aired")
    }
    assert len(shapes) == 4


def test_what_a_person_closed_stays_closed(page: Page, station: FakeStation, served: Served) -> None:
    page.goto(served.url)
    group = page.locator("details.group").nth(1)
    expect(group).to_have_attribute("open", "")
    group.locator("summary").focus()
    page.keyboard.press("Enter")
    page.locator("#day .timeline").evaluate("timeline => timeline.remove()")
    station.loaded_at += timedelta(minutes=1)
    expect(page.locator("#day .timeline")).to_be_visible()
    expect(group).not_to_have_attribute("open", "")
    expect(group.locator("summary")).to_be_focused()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_sideways_scrolling_on_a_phone(page: Page, served: Served, lang: str) -> None:
    page.context.add_cookies([{"name": "lang", "value": lang, "url": served.url}])
    for path in ("/", "/day/2026-11-29", "/nothing"):
        page.goto(served.url + path)
        for width in (390, 320):
            page.set_viewport_size({"width": width, "height": 844})
            assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_contrast(page: Page, station: FakeStation, served: Served, scheme: str) -> None:
    station.rehearsal = True
    station.alerts = [{"code": "slow", "message": "x"}]
    station.faults = [
        {"code": "x", "file": "a.yaml", "line": 1, "field": "f", "value": "v", "message": "m", "remedy": "r"}
    ]
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(served.url)
    assert page.evaluate(CONTRAST) == []


def test_the_keyboard_reaches_content_first(page: Page, served: Served) -> None:
    page.goto(served.url)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    for landmark in ("banner", "main"):
        expect(page.get_by_role(landmark)).to_have_count(1)
