"""Pictures of every page, in both languages, light and dark, at the desk and on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page

SIZES = {"desk": (1366, 768), "phone": (390, 844)}
THEMES = ("light", "dark")
LANGUAGES = {"zh": "zh-CN", "en": "en-GB"}


@dataclass(frozen=True, slots=True)
class Style:
    """One way to look at a page."""

    language: str = "zh"
    theme: str = "light"
    size: str = "desk"

    @property
    def name(self) -> str:
        return f"{self.language}-{self.theme}-{self.size}"


EVERY_STYLE = tuple(Style(one, theme, size) for one in LANGUAGES for theme in THEMES for size in SIZES)


def context_of(browser: Browser, url: str, style: Style) -> BrowserContext:
    """A browser's window that looks at pages in this way."""
    width, height = SIZES[style.size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale=LANGUAGES[style.language], timezone_id="Asia/Shanghai",
        reduced_motion="reduce", has_touch=style.size == "phone",
    )  # fmt: skip
    context.add_cookies(
        [
            {"name": name, "value": value, "url": url}
            for name, value in (("lang", style.language), ("theme", style.theme))
        ]
    )
    return context


def enter(page: Page, url: str, name: str, password: str) -> None:
    """Log in by the form."""
    page.goto(f"{url}/login")
    page.locator("main input[name=name]").fill(name)
    page.locator("main input[name=password]").fill(password)
    page.locator("main form button:not([type=button])").first.click()
    page.wait_for_selector("form[action$='/logout']", state="attached")


def shoot(page: Page, url: str, paths: Iterable[str], style: Style, folder: Path, *, whole: bool = True) -> list[Path]:
    """A picture of each page, the whole of it or what is seen without scrolling; named page-lang-theme-size.png."""
    made = []
    for path in paths:
        page.goto(url + path, wait_until="load")
        page.wait_for_timeout(300)  # the parts that a page fetches by itself; there is nothing common to wait for
        made.append(folder / f"{name_of(path)}-{style.name}.png")
        page.screenshot(path=made[-1], full_page=whole)
    return made


def name_of(path: str) -> str:
    """``/`` is ``air``; others by their address."""
    return re.sub(r"[^\w]+", "_", path).strip("_") or "air"


def styles_of(words: Sequence[str]) -> tuple[Style, ...]:
    """The styles that are meant by words such as ``zh dark phone``: all that agree with them."""
    wanted = set(words)
    return tuple(
        style
        for style in EVERY_STYLE
        if wanted & {*LANGUAGES} <= {style.language}
        and wanted & {*THEMES} <= {style.theme}
        and wanted & {*SIZES} <= {style.size}
    )
