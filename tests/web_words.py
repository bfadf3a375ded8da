"""The messages of the page: what the code asks for, and what the catalogues answer."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from broadcaster.web import i18n

WEB = Path(i18n.__file__).parent
CATALOGUES = i18n.FOLDER / "zh" / "LC_MESSAGES"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
#: As Flask's environment is set up; the parts of a template are read as they are shown.
OPTIONS = {"templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}}
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}


@cache
def asked() -> dict[Any, list[str]]:
    """Every message in code and templates, with the places that ask for it."""
    found: dict[Any, list[str]] = {}
    for file, line, message, _comments, _context in extract_from_dir(str(WEB), METHODS, OPTIONS, KEYWORDS):
        key = message if isinstance(message, str) else tuple(message)
        found.setdefault(key, []).append(f"{file}:{line}")
    return found


@cache
def answered() -> dict[Any, tuple[Message, str]]:
    """Every message of the catalogues, with the name of the first catalogue that holds it."""
    found: dict[Any, tuple[Message, str]] = {}
    for path in sorted(CATALOGUES.glob("*.po")):
        for message in messages_of(path):
            key = message.id if isinstance(message.id, str) else tuple(message.id)
            found.setdefault(key, (message, path.name))
    return found


def messages_of(path: Path) -> Iterator[Message]:
    with path.open("rb") as file:
        yield from (message for message in read_po(file, abort_invalid=True) if message.id)


def key_of(message: Any) -> Any:
    """What gettext looks a message up by: the singular."""
    return message if isinstance(message, str) else message[0]
