"""Chinese and English: which language a request wants, and the words in it.

Messages are English in the code; ``translations/zh`` holds the Chinese. An installed package carries compiled
catalogues; in a checkout, or after an edit, the text form is compiled in memory when the app is made.
"""

from __future__ import annotations

import gettext as gnu
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from io import BytesIO
from pathlib import Path
from typing import Any, cast

from flask import Flask, current_app, g, has_request_context, request
from markupsafe import Markup

LANGUAGES = ("zh", "en")
DEFAULT = "zh"
COOKIE = "lang"
HTML_LANG = {"zh": "zh-CN", "en": "en"}
EXTENSION = "catalogues"
FOLDER = Path(__file__).with_name("translations")
_COMMAND: ContextVar[tuple[str, gnu.NullTranslations] | None] = ContextVar("command", default=None)
"""Language and words where there is no page."""


def load_catalogue(language: str, folder: Path = FOLDER) -> gnu.NullTranslations:
    """The words of a language, from all its catalogues in one; English needs none."""
    whole = _Merged()
    for text in [] if language == "en" else sorted((folder / language / "LC_MESSAGES").glob("*.[pm]o")):
        one = _load_one(text)
        if one is not None:
            whole.take(one)
    return whole if whole.known else gnu.NullTranslations()


class _Merged(gnu.GNUTranslations):
    """Several catalogues in one, so that a word is looked up once. The same message means the same in all of them."""

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[Any, str] = {}

    def take(self, one: gnu.GNUTranslations) -> None:
        """Add what a catalogue knows. All have the same plural form, that of the language."""
        mine, theirs = cast(Any, self), cast(Any, one)
        self.known.update(theirs._catalog)
        mine._catalog, mine.plural, mine._info = self.known, theirs.plural, theirs._info


def _load_one(path: Path) -> gnu.GNUTranslations | None:
    """One catalogue; a compiled file older than its text is not used, nor a text with a compiled file beside it."""
    text, compiled = path.with_suffix(".po"), path.with_suffix(".mo")
    fresh = compiled.exists() and (not text.exists() or compiled.stat().st_mtime >= text.stat().st_mtime)
    if path == compiled:
        if not fresh:
            return None
        with compiled.open("rb") as file:
            return gnu.GNUTranslations(file)
    return None if fresh else gnu.GNUTranslations(BytesIO(compile_catalogue(text)))


def compile_catalogue(text: Path) -> bytes:
    """The compiled form of a ``.po`` file."""
    from babel.messages.mofile import write_mo  # costs memory, and is only needed where nothing was compiled
    from babel.messages.pofile import read_po

    compiled = BytesIO()
    with text.open("rb") as file:
        write_mo(compiled, read_po(file))
    return compiled.getvalue()


def init_app(app: Flask) -> None:
    """Load the catalogues, and let templates translate."""
    app.extensions[EXTENSION] = {language: load_catalogue(language) for language in LANGUAGES}
    app.jinja_env.add_extension("jinja2.ext.i18n")
    cast(Any, app.jinja_env).install_gettext_callables(
        lambda message: _catalogue().gettext(message),
        lambda one, many, n: _catalogue().ngettext(one, many, n),
        newstyle=True,
    )


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """A command's own language: within it, words come without an app."""
    told = _COMMAND.set((language, load_catalogue(language)))
    try:
        yield
    finally:
        _COMMAND.reset(told)


def language() -> str:
    """``zh`` or ``en``: the cookie's word; else Chinese, unless the browser asks for English and never for Chinese."""
    command = _COMMAND.get()
    if command is not None:
        return command[0]
    if "language" not in g:
        g.language = _negotiate()
    return cast(str, g.language)


def _negotiate() -> str:
    if not has_request_context():
        return DEFAULT
    chosen = request.cookies.get(COOKIE)
    if chosen in LANGUAGES:
        return chosen
    asked = {tag.lower().partition("-")[0] for tag, quality in request.accept_languages if quality > 0}
    return "en" if "en" in asked and "zh" not in asked else DEFAULT


def _catalogue() -> gnu.NullTranslations:
    command = _COMMAND.get()
    if command is not None:
        return command[1]
    words = g.get("catalogue")
    if words is None:
        words = g.catalogue = current_app.extensions[EXTENSION][language()]
    return cast(gnu.NullTranslations, words)


def gettext(message: str) -> str:
    """The message in the request's language."""
    return _catalogue().gettext(message)


def title_of(item: Mapping[str, Any], key: str = "title") -> str:
    """An item's title in the request's language, or the only one it has; empty if it has none."""
    return str(item.get(f"{key}_{language()}") or item.get(key) or "")


def other_language() -> str:
    """The language that the switch leads to."""
    return "en" if language() == "zh" else "zh"


def html_lang() -> Markup:
    """Value of the page's ``lang`` attribute (BCP 47)."""
    return Markup(HTML_LANG[language()])
