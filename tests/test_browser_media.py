"""Scripts and playlists in a real browser: files sent, put in order, heard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from broadcaster.web.app import create_app
from tests.media_kit import Rooms, open_media_house, served, song
from tests.web_chromium import CONTRAST, MARKS, chromium, opened
from tests.web_fakes import FakeStation
from tests.web_offices import PASSWORD

pytestmark = MARKS
PATIENT_MS = 60_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Rooms]]:
    folder = tmp_path_factory.mktemp("media")
    with open_media_house(folder) as (house, rooms):
        app = create_app(FakeStation(), house.offices)
        with served(app, folder / "incoming") as url:
            yield url, rooms


@pytest.fixture
def page(browser: Browser, house: tuple[str, Rooms]) -> Iterator[Page]:
    with opened(browser) as page:
        page.set_default_timeout(PATIENT_MS)
        page.goto(f"{house[0]}/login")
        page.fill("input[name=name]", "wanglan")
        page.fill("input[name=password]", PASSWORD)
        page.click("main form button")
        yield page


def order_of(page: Page) -> list[str]:
    return page.locator("#tracks th .title").all_inner_texts()


def test_files_are_sent_with_progress_and_reasons(page: Page, house: tuple[str, Rooms], tmp_path: Path) -> None:
    good = song(tmp_path / "夜曲.flac", 510)
    words = tmp_path / "歌词.mp3"
    words.write_text("一句歌词\n" * 300, encoding="utf-8")
    cut = song(tmp_path / "断了.flac", 520, 6.0)
    cut.write_bytes(cut.read_bytes()[:40_000])
    page.goto(f"{house[0]}/playlists/evening")
    page.set_input_files("input[type=file]", [good, words, cut])
    lines = page.locator(".sending li")
    expect(lines.nth(0)).to_contain_text("已收下", timeout=PATIENT_MS)
    expect(lines.nth(1)).to_contain_text("文字文件", timeout=PATIENT_MS)
    expect(lines.nth(2)).to_contain_text("损坏", timeout=PATIENT_MS)
    expect(page.locator("#tracks")).to_contain_text("夜曲", timeout=PATIENT_MS)
    assert (house[1].home.root / "playlists/evening/夜曲.flac").read_bytes() == good.read_bytes()
    assert not house[1].left()


def test_what_is_given_up_never_comes_in(page: Page, house: tuple[str, Rooms], tmp_path: Path) -> None:
    page.goto(f"{house[0]}/playlists/evening")
    page.set_input_files("input[type=file]", [song(tmp_path / f"{n}.wav", 600 + n, 25.0) for n in range(3)])
    page.get_by_role("button", name="取消: 2.wav").click()
    expect(page.locator(".sending li").nth(2)).to_contain_text("已取消")
    expect(page.locator(".sending li").nth(1)).to_contain_text("已收下", timeout=PATIENT_MS)
    assert not (house[1].home.root / "playlists/evening/2.wav").exists()


def test_too_large_a_file_is_not_even_sent(page: Page, house: tuple[str, Rooms], tmp_path: Path) -> None:
    large = tmp_path / "large.wav"
    large.write_bytes(bytes(21_000_000))
    page.goto(f"{house[0]}/playlists/evening")
    page.set_input_files("input[type=file]", [large])
    expect(page.locator(".sending li")).to_contain_text("最多 20 MB")


def test_tracks_are_put_in_order_by_keyboard_and_buttons(page: Page, house: tuple[str, Rooms]) -> None:
    page.goto(f"{house[0]}/playlists/evening")
    before = order_of(page)
    handle = page.get_by_role("button", name=f"移动: {before[0]}")
    handle.focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("#tracks th .title").nth(1)).to_have_text(before[0])
    expect(handle).to_be_focused()
    assert house[1].titles() == [before[1], before[0], *before[2:]]
    page.get_by_role("button", name=f"上移: {before[0]}").click()
    expect(page.locator("#tracks th .title").nth(0)).to_have_text(before[0])
    assert house[1].titles() == before


def test_tracks_are_put_in_order_by_dragging(page: Page, house: tuple[str, Rooms]) -> None:
    page.goto(f"{house[0]}/playlists/evening")
    before = order_of(page)
    first, third = (page.locator("#tracks .handle").nth(n) for n in (0, 2))
    third.scroll_into_view_if_needed()
    start, end = first.bounding_box(), third.bounding_box()
    assert start and end
    page.mouse.move(start["x"] + 15, start["y"] + 15)
    page.mouse.down()
    for part in (0.3, 0.6, 0.9, 1.0, 1.1):
        page.mouse.move(start["x"] + 15, start["y"] + 15 + (end["y"] - start["y"]) * part, steps=3)
    page.mouse.up()
    expect(page.locator("#tracks th .title").nth(0)).to_have_text(before[1])
    page.wait_for_function("() => !document.querySelector('.htmx-request')")
    expect(page.locator("#tracks th .title").nth(2)).to_have_text(before[0])
    assert house[1].titles()[:3] == [before[1], before[2], before[0]]


def test_a_track_is_heard(page: Page, house: tuple[str, Rooms]) -> None:
    page.goto(f"{house[0]}/playlists/light")
    page.locator("[data-play]").first.click()
    audio = page.locator("#player audio")
    page.wait_for_function("() => document.querySelector('#player audio').currentTime > 0.2")
    assert audio.evaluate("one => one.error") is None


def test_a_script_is_heard_before_it_is_published(page: Page, house: tuple[str, Rooms]) -> None:
    page.goto(f"{house[0]}/scripts/new")
    page.fill("[name=title_zh]", "雪天提示")
    page.fill("[name=text]", "今天下雪,请小心路滑")
    page.get_by_role("button", name="试听").click()
    expect(page.locator("#preview audio")).to_be_visible()
    expect(page.locator("#preview ruby, #preview .said")).not_to_have_count(0)
    page.get_by_role("button", name="发布", exact=True).click()
    expect(page.locator("h1")).to_have_text("雪天提示")
    assert any(one.script.title.zh == "雪天提示" for one in house[1].scripts.scripts())


@pytest.mark.parametrize("size", [(1366, 768), (390, 844)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_legible_and_fit(page: Page, house: tuple[str, Rooms], size: tuple[int, int], scheme: str) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(f"{house[0]}/theme/{scheme}")
    for path in ("/scripts", "/scripts/new", "/playlists", "/playlists/evening", "/scripts/sounds"):
        page.goto(house[0] + path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert page.evaluate(CONTRAST) == [], path
