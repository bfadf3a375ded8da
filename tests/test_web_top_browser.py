"""The top of every page, with all that may stand in it, in windows of all widths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from broadcaster.web.app import create_app
from tests import alert_kit
from tests.test_web_emergency import Store, store  # noqa: F401  # a fixture
from tests.web_chromium import MARKS, chromium, opened
from tests.web_fakes import FakeStation, serve
from tests.web_offices import PASSWORD

pytestmark = MARKS

WIDTHS = (320, 390, 576, 768, 1199, 1200, 1280, 1440, 1600, 1800, 1920)
HELD = "header .clock, header .navbar-brand, header .emergency-way, header .alert-badge"
OUT = "all => all.filter(e => e.getBoundingClientRect().right > innerWidth).length"
CUT = "e => e.scrollWidth > e.clientWidth || e.scrollHeight > e.clientHeight + 6"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with opened(browser) as page:
        yield page


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_top_fits_every_window(page: Page, store: Store, tmp_path: Path, lang: str) -> None:  # noqa: F811
    alerts = alert_kit.Station(tmp_path, alert_kit.settings())
    offices = replace(store.house.offices, calls=store.desk, alerts=alerts.keeper)
    with serve(create_app(FakeStation("10:37:40"), offices)) as served:
        page.goto(f"{served.url}/login")
        page.get_by_label("账号").fill("wanglan")
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        page.context.add_cookies([{"name": "lang", "value": lang, "url": served.url}])
        page.goto(served.url)
        assert page.locator(".emergency-way").count() == page.locator(".alert-badge").count() == 1
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 844})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert page.locator(HELD).evaluate_all(OUT) == 0, width
        page.set_viewport_size({"width": 390, "height": 844})
        assert not page.locator(".navbar-brand").evaluate(CUT)
