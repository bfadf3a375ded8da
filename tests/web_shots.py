"""Pictures of every page, in both languages, light and dark, at the desk and on a phone."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page

from tests.demo_home import demo
from tests.web_chromium import chromium
from tests.web_offices import PASSWORD, PEOPLE
from tests.web_walk import PAGES, STATES

SIZES = {"desk": (1366, 768), "phone": (390, 844)}
THEMES = ("light", "dark")
LANGUAGES = {"zh": "zh-CN", "en": "en-GB"}

#: Who sees most of their pages: others' pictures carry their name.
STAFF = ("wanglan", "liqiang")


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


def shoot(
    page: Page, url: str, paths: Iterable[str], style: Style, folder: Path, *, seen_by: str = ""
) -> list[Path]:  # fmt: skip
    """A picture of the whole of each page, named page-lang-theme-size.png; ``seen_by`` stands after the page."""
    made = []
    for path in paths:
        page.goto(url + path, wait_until="load")
        page.wait_for_timeout(300)  # the parts that a page fetches by itself; there is nothing common to wait for
        whose = f"-{seen_by}" if seen_by else ""
        made.append(folder / f"{name_of(path)}{whose}-{style.name}.png")
        page.screenshot(path=made[-1], full_page=True)
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


def main() -> int:
    """The command: start a filled store, and take the pictures."""
    parser = argparse.ArgumentParser(prog="scripts/screenshots", description="Pictures of every page.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path("var/screenshots"))
    parser.add_argument("chosen", nargs="*", help="zh en light dark desk phone, or addresses: /notices")
    asked = parser.parse_args()
    wanted = {word for word in asked.chosen if word.startswith("/")}
    asked.folder.mkdir(parents=True, exist_ok=True)
    with demo(Path("var/demo")) as store, chromium() as browser:
        for style in styles_of([word for word in asked.chosen if word not in wanted]):
            for who in (None, *(name for name, _display, _role in PEOPLE)):
                pages = [path for path, whose in {**PAGES, **STATES}.values() if whose == who]
                paths = [path for path in pages if not wanted or path in wanted]
                for made in _as(browser, store.url, who, paths, style, asked.folder) if paths else ():
                    print(made)
    return 0


def _as(
    browser: Browser, url: str, who: str | None, paths: Sequence[str], style: Style, folder: Path
) -> Iterable[Path]:  # fmt: skip
    context = context_of(browser, url, style)
    page = context.new_page()
    if who is not None:
        enter(page, url, who, PASSWORD)
    made = shoot(page, url, paths, style, folder, seen_by="" if who in STAFF else who or "visitor")
    context.close()
    return made


if __name__ == "__main__":
    sys.exit(main())
