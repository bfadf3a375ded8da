"""axe-core over every page, light and dark, on a filled store with the real daemon: no violation of WCAG 2.2 AA."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from broadcaster.assets import AXE
from broadcaster.web.app import create_app
from tests.demo_home import Demo, demo
from tests.web_chromium import CHROMIUM, chromium
from tests.web_fakes import FakeStation
from tests.web_offices import PASSWORD, open_house
from tests.web_shots import Style, context_of, enter
from tests.web_walk import NO_PAGES, PAGES, STATES, looked_at

#: Screens of the site and how each theme looks on them: the phone folds what the desk shows.
STYLES = (Style("zh", "light", "desk"), Style("zh", "dark", "desk"), Style("en", "light", "phone"))
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
#: What is refused is a page as well.
ANSWERS = {"an address mistyped": 404, "what one may not see": 403}
#: The script's text is evaluated by the debugger's protocol, which the page's policy does not concern.
RUN = """async (tags) => (await axe.run(document, {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]}))
  .violations.map((one) => `${one.id}: ` + one.nodes.slice(0, 4).map((node) =>
    `${node.target.join(" ")} ${node.any.map((check) => check.message).join("; ")}`.slice(0, 400)).join(" | "))"""


needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with demo(tmp_path_factory.mktemp("demo")) as store:
        yield store


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def test_every_page_is_walked_through(tmp_path: Path) -> None:
    with open_house(tmp_path, people=()) as house:
        app = create_app(FakeStation(), house.offices)
    assert looked_at(app) == set(PAGES) | NO_PAGES


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
@pytest.mark.parametrize("name", [*PAGES, *STATES])
@pytest.mark.audio
@pytest.mark.beside
@pytest.mark.browser
@needs_chromium
def test_axe_finds_nothing(store: Demo, pages: Pages, name: str, style: Style) -> None:
    path, who = {**PAGES, **STATES}[name]
    page = pages.of(style, who)
    answer = page.goto(store.url + path)
    assert answer is not None and answer.status == (ANSWERS.get(name, 200))
    if path == "/programme":
        expect(page.locator("#programme")).to_have_attribute("data-ready", "true")
    assert violations(page) == []


@pytest.mark.audio
@pytest.mark.beside
@pytest.mark.browser
@needs_chromium
def test_axe_finds_nothing_in_a_programme_that_does_not_come(store: Demo, browser: Browser) -> None:
    page = context_of(browser, store.url, STYLES[0]).new_page()
    enter(page, store.url, PAGES["/programme"][1] or "", PASSWORD)
    page.route("**/api/v1/plan", lambda route: None)
    page.goto(store.url + "/programme")
    page.locator(".fc-timegrid-body").wait_for(state="attached")
    assert page.locator("[data-block]").count() == 0
    assert violations(page) == []
    page.context.close()


class Pages:
    """Windows that are kept from test to test, one for each style and account."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser, self._url = browser, url
        self._open: dict[tuple[Style, str | None], Page] = {}

    def of(self, style: Style, who: str | None) -> Page:
        """A window in which this account is logged in."""
        if (style, who) not in self._open:
            page = context_of(self._browser, self._url, style).new_page()
            page.set_default_timeout(10_000)
            if who is not None:
                enter(page, self._url, who, PASSWORD)
            self._open[style, who] = page
        return self._open[style, who]


@pytest.fixture(scope="module")
def pages(browser: Browser, store: Demo) -> Pages:
    return Pages(browser, store.url)


def violations(page: Page) -> list[Any]:
    """What axe says of the page as it is now."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[Any] = page.evaluate(RUN, TAGS)
    return found


@pytest.mark.browser
@needs_chromium
def test_axe_finds_what_is_wrong(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content('<html lang="zh"><title>x</title><main><input><p style="color:#ccc">看不清的灰字</p></main>')
    assert {found.partition(":")[0] for found in violations(page)} == {"label", "color-contrast"}
    page.close()
