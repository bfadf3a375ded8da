"""Lint of the text as such: characters that no voice can speak, blanks left open, addresses, punctuation."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import groupby

from broadcaster.notices.lint_remark import Remark, Severity, remark

_LEAST_WORDS = 6
"""Hanzi and Latin words below which a text is hardly a notice."""

_WORD = re.compile(r"[㐀-鿿]|[A-Za-z]+|\d")
_PLACEHOLDER = re.compile(
    r"\{[^{}\n]*\}|_{2,}|(?<![A-Za-z0-9])(?:[Xx]{2,}|[Xx×*]{3,}|×{2})(?![A-Za-z0-9])|某某+|[(（\[【]?待(?:定|填|补)[)）\]】]?|\bTBD\b|○{2,}|〇〇{2,}"
)
_URL = re.compile(
    r"(?:https?://|www\.)[^\s，。；、!！]+"
    r"|[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
    r"|(?<![A-Za-z0-9.])[A-Za-z0-9-]+\.(?:com|cn|net|org|shop|top|vip)(?:\.cn)?(?![A-Za-z0-9])(?:/[^\s，。]*)?",
    re.IGNORECASE,
)
_REPEATED = re.compile(r"([。，,;；:：、])\1+|[!！?？]{2,}|(?<!\.)\.{2}(?!\.)|~{2,}|～{2,}")

_SPEAKABLE_SYMBOLS = frozenset("°℃℉№™®©")
_JOINERS = frozenset("\u200d\ufe0e\ufe0f\u20e3")
_LATIN_OR_HAN = ("LATIN", "CJK", "IDEOGRAPHIC", "FULLWIDTH", "DIGIT", "HALFWIDTH", "ROMAN", "KANGXI")
_KNOWN_GREEK = frozenset("αβγΩμΦφ")


def text_remarks(text: str) -> Iterator[Remark]:
    """Remarks on the characters and marks of a text that is not empty."""
    yield from _characters(text)
    words = len(_WORD.findall(text))
    if words < _LEAST_WORDS:
        yield remark("short", "advice", text, (0, len(text)))
    for match in _PLACEHOLDER.finditer(text):
        yield remark("placeholder", "serious", text, match.span())
    for match in _URL.finditer(text):
        yield remark("url", "advice", text, match.span())
    for match in _REPEATED.finditer(text):
        yield remark("punctuation", "advice", text, match.span())


def _characters(text: str) -> Iterator[Remark]:
    """One remark for each run of characters with the same complaint."""
    for found, group in groupby(enumerate(text), key=lambda pair: _complaint(pair[1])):
        if found is None:
            continue
        run = list(group)
        span = run[0][0], run[-1][0] + 1
        yield remark(found[0], found[1], text, span, name=_name(run[0][1]))


def _complaint(character: str) -> tuple[str, Severity] | None:
    category = unicodedata.category(character)
    if character in "\n\r\t" or character in _SPEAKABLE_SYMBOLS:
        return None
    if character == "\ufffd" or category in ("Cc", "Cs", "Co", "Cn"):
        return "unreadable", "serious"
    if "\u3300" <= character <= "\u33ff":
        return None  # squared units such as ㎡, which the normaliser knows
    if character in _JOINERS or category in ("So", "Sk"):
        return "symbol", "advice"
    if category == "Cf":
        return "unreadable", "advice"
    if category.startswith("L") and not _known_letter(character):
        return "script", "serious"
    return None


def _known_letter(character: str) -> bool:
    if character.isascii() or character in _KNOWN_GREEK or "\u4e00" <= character <= "\u9fff":
        return True
    return unicodedata.name(character, "").startswith(_LATIN_OR_HAN)


def _name(character: str) -> str:
    code = f"U+{ord(character):04X}"
    name = unicodedata.name(character, "")
    return f"{code} {name}" if name else code
