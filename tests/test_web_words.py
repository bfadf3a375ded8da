"""No text of the page is left untranslated: neither in the catalogues, nor on a page that was asked for in Chinese."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser

from broadcaster.web.i18n import load_catalogue
from broadcaster.web.words import said
from tests.demo_home import Demo, demo
from tests.test_web_axe import Pages, needs_chromium
from tests.web_chromium import chromium
from tests.web_shots import Style
from tests.web_walk import PAGES, STATES
from tests.web_words import CATALOGUES, answered, asked, key_of, messages_of

#: ``%(count)s`` of Python, ``{count}`` of the page's scripts.
PLACES = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
#: All that is read on a page: texts, and what stands in attributes for those who listen or point.
READ = """() => {
  const apart = "[lang=en], [translate=no], code, pre, kbd, script, style, noscript";
  const shown = (element) => element.closest(apart) === null;
  const words = [];
  const read = (root) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node.parentElement === null || shown(node.parentElement)) words.push(node.textContent);
    }
    for (const element of root.querySelectorAll("[aria-label], [title], [placeholder], [alt]")) {
      if (!shown(element)) continue;
      for (const name of ["aria-label", "title", "placeholder", "alt"]) words.push(element.getAttribute(name) ?? "");
    }
    for (const template of root.querySelectorAll("template")) read(template.content);
  };
  read(document.body);
  words.push(document.title);
  return words;
}"""
#: Latin words that Chinese text holds as they are: units, names, what is typed, and what a program calls itself.
LATIN = re.compile(
    r"\b(?:TATA|IT|API|CSV|JSON|YAML|HTTPS?|USB|VLC|LUFS|dBFS|dBTP|dB|dBA|Hz|kHz|MB|GB|KB|ms|min|km|m|s|h|p95|OK|AM|PM"
    r"|English|Basic|Bearer|Authorization|SMTP|TLS|STARTTLS|webhook|Open-Meteo|wttr|pyttsx3|kokoro|espeak(?:-ng)?|SAPI"
    r"|wav|mp3|flac|ogg|m4a|m3u8|WAV|MP3|FLAC|OGG|URL|ID|PC|Alt|Shift|Enter|Delete|Esc|Ctrl|Tab)\b"
)
ENGLISH = re.compile(r"[A-Za-z]{3,}(?:[ ’'][A-Za-z]+)+|\b(?:the|and|of|is|not|no|to)\b")
#: Ids of the plan's files are shown as they are named: send-off.
FILE_ID = re.compile(r"\b[a-z0-9]+(?:-[a-z0-9]+)+\b")
#: Said in English on a Chinese page on purpose.
MEANT = (
    "Harbour Lights",
    "Sunday Paper",
    "Oppein Kitchens",
    "TATA Doors",
    "chóng qìng",
    "chong2 qing4",
    "broadcaster voices install",
)


def test_every_message_has_a_chinese_word() -> None:
    known = {key_of(message) for message in answered()}
    missing = {key_of(message): places[0] for message, places in asked().items() if key_of(message) not in known}
    assert missing == {}


def test_no_chinese_word_is_left_over() -> None:
    wanted = {key_of(message) for message in asked()}
    left = {key_of(message): file for message, (_entry, file) in answered().items() if key_of(message) not in wanted}
    assert left == {}


def test_what_is_filled_in_stands_in_both_languages() -> None:
    wrong = [
        (many(key), text)
        for key, (message, _file) in answered().items()
        for text in texts_of(message.string)
        if not text or set(PLACES.findall(text)) != set(PLACES.findall(many(key)))
    ]
    assert wrong == []


def many(key: Any) -> str:
    """The plural, which holds all that is filled in: a single one may leave its number out in English."""
    return str(key if isinstance(key, str) else key[-1])


def texts_of(words: Any) -> tuple[str, ...]:
    """One text, or one for each number."""
    return (words,) if isinstance(words, str) else tuple(words or ("",))


def test_no_two_catalogues_contradict_each_other() -> None:
    assert contradictions() == []


def contradictions() -> list[Any]:
    """Messages that two catalogues put into different words: which holds would depend on the files' names."""
    found: dict[Any, set[str]] = {}
    for path in CATALOGUES.glob("*.po"):
        for message in messages_of(path):
            found.setdefault(key_of(message.id), set()).add(str(message.string))
    return [key for key, words in found.items() if len(words) > 1]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with demo(tmp_path_factory.mktemp("demo")) as store:
        yield store


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def pages(browser: Browser, store: Demo) -> Pages:
    return Pages(browser, store.url)


@pytest.mark.audio
@pytest.mark.beside
@pytest.mark.browser
@needs_chromium
@pytest.mark.parametrize("name", [*PAGES, *STATES])
def test_a_chinese_page_is_all_chinese(store: Demo, pages: Pages, name: str) -> None:
    path, who = {**PAGES, **STATES}[name]
    page = pages.of(Style("zh"), who)
    page.goto(store.url + path)
    assert english(page.evaluate(READ)) == []


def english(texts: list[str]) -> list[str]:
    """Those texts, or parts of them, that are English and not meant to be."""
    found = []
    for text in texts:
        left = " ".join(text.split())
        for meant in MEANT:
            left = left.replace(meant, "")
        left = LATIN.sub("", FILE_ID.sub("·", left))
        found += [match[0] for match in ENGLISH.finditer(left)]
    return sorted(set(found))


@pytest.mark.parametrize("text", ["Nothing more today.", "已播 and 3 more", "joined in its middle"])
def test_what_is_english_is_seen(text: str) -> None:
    assert english([text])


def test_what_is_said_so_everywhere_is_left_alone() -> None:
    assert english(["TATA木门 −2.5 dB", "每 30 min", "wanglan", "English"]) == []


def test_the_catalogues_are_found() -> None:
    assert len(asked()) > 300 and {Path(file).suffix for _entry, file in answered().values()} == {".po"}


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("没有文字 / there is no text", "没有文字", "there is no text"),
        (
            "合同不对:2026 / this contract of 停车场 makes no sense",
            "合同不对:2026",
            "this contract of 停车场 makes no sense",
        ),
        ("只有中文", "只有中文", "只有中文"),
        ("曲目 1 / 2", "曲目 1 / 2", "曲目 1 / 2"),
        ("", "", ""),
    ],
)
def test_of_words_in_both_languages_one_is_shown(text: str, zh: str, en: str) -> None:
    with Flask(__name__).test_request_context(headers={"Cookie": "lang=zh"}):
        assert said(text) == zh
    with Flask(__name__).test_request_context(headers={"Cookie": "lang=en"}):
        assert said(text) == en


def test_every_text_stands_in_one_catalogue_only() -> None:
    held = Counter(key_of(message.id) for path in CATALOGUES.glob("*.po") for message in messages_of(path))
    assert [key for key, count in held.items() if count > 1] == []


def test_every_word_is_found_at_once_in_one_catalogue() -> None:
    words = load_catalogue("zh")
    single = {key: message for key, (message, _file) in answered().items() if isinstance(key, str)}
    assert {key: words.gettext(key) for key in single} == {key: str(one.string) for key, one in single.items()}
    assert len(words.known) >= len(answered())  # type: ignore[attr-defined]  # all of them, behind no other catalogue
