"""The author's characters brought to one form before any rule looks at them, each still knowing where it came from.

Full-width letters, digits and signs become ASCII, every kind of digit becomes 0-9, signs such as ㎡ their letters,
traditional hanzi simplified ones; what no voice can read is dropped, and remembered.

Traditional hanzi go through wetext's table. It works hanzi by hanzi and lacks some (於 瞭 徵 註 stay, 瀋 becomes 渖):
``_TABLE_MENDS`` adds them. Hanzi that exist in GB 2312 are not sent to it: of those it changes only 後, which is mended
too. 乾 (qián, gān) and 著 (zhù, zhe) are decided by their neighbours.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

_TABLE_MENDS = {
    "於": "于", "瞭": "了", "徵": "征", "瀋": "沈", "註": "注", "託": "托", "麽": "么",
    "麼": "么", "妳": "你", "祂": "他", "牠": "它", "裏": "里", "裡": "里", "衹": "只", "嚐": "尝", "週": "周",
    "佈": "布", "傢": "家", "佔": "占", "恆": "恒", "啓": "启", "綫": "线", "牀": "床", "櫈": "凳", "舖": "铺",
    "鋪": "铺", "夥": "伙", "彙": "汇", "迴": "回", "鉅": "巨", "唸": "念", "慾": "欲", "証": "证", "後": "后",
}  # fmt: skip
_WHAT = re.compile("甚(?=么)")
_KEPT_乾 = re.compile("乾(?=[坤隆])")
_WORDS_著 = re.compile("(?<=[名显土论编专拙巨原卓昭])著|著(?=[名作称书者述])")
_SIGNS = {
    "，": "，", "。": "。", "：": ":", "；": "；", "！": "！", "？": "？", "、": "、", "（": "(", "）": ")",
    "㎡": "m²", "㎥": "m³", "㎝": "cm", "㎜": "mm", "㎞": "km", "㎏": "kg", "㎎": "mg", "㏄": "ml", "㎖": "ml",
    "℃": "°C", "℉": "°F", "˚": "°", "º": "°", "＂": '"', "″": '"', "′": "'", "’": "'", "‘": "'",
    "№": "NO.", "￥": "¥", "﹪": "%", "∶": ":", "：\ufe0e": ":", "╱": "/", "⁄": "/", "∕": "/",
    "–": "-", "‐": "-", "‑": "-", "‒": "-", "−": "-", "－": "-", "﹣": "-", "―": "—", "─": "—", "━": "—",
    "～": "~", "〜": "~", "∼": "~", "﹏": "~", "╳": "×", "✕": "×", "✖": "×", "Х": "×", "²": "²", "³": "³",
    "•": "·", "・": "·", "‧": "·", "∙": "·", "●": "", "〇": "零", "○": "", "µ": "μ", "Φ": "φ", "Ø": "φ", "ø": "φ",
    "\u3000": " ", "\xa0": " ", "の": "之", "㊣": "正", "㈠": "一，", "㈡": "二，", "㈢": "三，",
}  # fmt: skip
_READ_SIGNS = frozenset("，。；！？、…“”《》〈〉【】「」『』〔〕〖〗·—²³°×÷±≥≤≠≈¥$€£₩→φμ‰\n\t ")
_PUNCTUATION_OF_ASCII = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_ROMAN = {chr(0x2160 + n): str(n + 1) for n in range(12)} | {chr(0x2170 + n): str(n + 1) for n in range(12)}
_QUIETLY_DROPPED = ("So", "Sk", "Sm", "Mn", "Me", "Cf", "Zl", "Zp", "Po", "Pc", "Ps", "Pe", "Pi", "Pf", "Pd")


@dataclass(frozen=True, slots=True)
class Dropped:
    """Characters of the source that are not read."""

    start: int
    end: int
    doubtful: bool
    """True for letters and unreadable characters; False for ornaments such as emoji, stars and invisible marks."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """The text that rules work on. Character ``i`` came from ``source[starts[i]:ends[i]]``."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    dropped: tuple[Dropped, ...]


def prepare(source: str, kept: tuple[tuple[int, int], ...] = ()) -> Prepared:
    """The source in one form; the stretches in ``kept`` stay as they are, character by character. Never raises."""
    protected = frozenset(i for start, end in kept for i in range(start, end))
    characters: list[str] = []
    starts: list[int] = []
    dropped: list[Dropped] = []
    for at, character in enumerate(source):
        one_form = character if at in protected else _one_form(character, source, at)
        if not one_form:
            dropped.append(Dropped(at, at + 1, _is_doubtful(character)))
        characters.extend(one_form)
        starts.extend([at] * len(one_form))
    text = _simplified("".join(characters), frozenset(i for i, at in enumerate(starts) if at in protected))
    return Prepared(text, tuple(starts), tuple(at + 1 for at in starts), tuple(_merged(dropped)))


def is_hanzi(character: str) -> bool:
    """Whether it is a Chinese character of any plane."""
    return (
        "\u4e00" <= character <= "\u9fff"
        or "\u3400" <= character <= "\u4dbf"
        or "\U00020000" <= character <= "\U0003ffff"
    )


def is_latin(character: str) -> bool:
    """Whether it is a letter of the Latin alphabet, with or without an accent."""
    return (character.isascii() and character.isalpha()) or ("À" <= character <= "ɏ" and character not in "×÷")


def _one_form(character: str, source: str, at: int) -> str:
    if character.isascii():
        return _ascii(character)
    if is_hanzi(character) and character != "〇":
        return character
    if character in _SIGNS:
        if character == "，" and _groups_thousands(source, at):
            return ","
        return _SIGNS[character]
    if character in _ROMAN:
        return _ROMAN[character]
    if character in _READ_SIGNS or is_latin(character):
        return character
    return _unusual(character)


def _ascii(character: str) -> str:
    if character.isalnum() or character in _PUNCTUATION_OF_ASCII or character in " \n\t":
        return character
    return "\n" if character in "\r\v\f" else ""


def _groups_thousands(source: str, at: int) -> bool:
    """A full-width comma between full-width digits, three after it: １，２９９. Between ASCII digits it is a pause."""
    before, after = source[max(at - 1, 0) : at], source[at + 1 : at + 5]
    return "０" <= before <= "９" and re.match("[０-９]{3}(?![０-９])", after) is not None


def _unusual(character: str) -> str:
    if unicodedata.category(character) in ("Nd", "No", "Nl"):
        return _number_sign(character)
    if 0xFF01 <= ord(character) <= 0xFF5E or "\uf900" <= character <= "\ufaff":
        folded = unicodedata.normalize("NFKC", character)
        return folded if folded.isascii() or is_hanzi(folded) else ""
    if unicodedata.category(character) == "Zs":
        return " "
    return ""


def _number_sign(character: str) -> str:
    """½ is 1/2, ① opens a list, ٣ is 3; a sign whose number is not whole or too large is dropped."""
    if unicodedata.decimal(character, -1) >= 0:
        return str(unicodedata.decimal(character))
    value = unicodedata.numeric(character, -1.0)
    folded = unicodedata.normalize("NFKC", character).replace("⁄", "/")
    if re.fullmatch(r"\d+/\d+", folded):
        return folded
    if value < 0 or value != int(value) or value > 99:
        return ""
    if (
        unicodedata.name(character, "").find("SUPERSCRIPT") >= 0
        or unicodedata.name(character, "").find("SUBSCRIPT") >= 0
    ):
        return str(int(value))
    return f"\n{int(value)}，"


def _is_doubtful(character: str) -> bool:
    return unicodedata.category(character) not in _QUIETLY_DROPPED and not character.isspace()


def _merged(dropped: list[Dropped]) -> Iterator[Dropped]:
    last: Dropped | None = None
    for one in dropped:
        if last and last.end == one.start and last.doubtful == one.doubtful:
            last = Dropped(last.start, one.end, one.doubtful)
            continue
        if last:
            yield last
        last = one
    if last:
        yield last


def _simplified(text: str, protected: frozenset[int]) -> str:
    changed = "".join(
        character if at in protected or not is_hanzi(character) else _simple(character)
        for at, character in enumerate(text)
    )
    if protected:
        return changed
    changed = _WHAT.sub("什", changed)
    changed = "".join("干" if c == "乾" and not _KEPT_乾.match(changed, at) else c for at, c in enumerate(changed))
    words = {match.start() for match in _WORDS_著.finditer(changed)}
    return "".join("着" if c == "著" and at not in words else c for at, c in enumerate(changed))


@cache
def _simple(character: str) -> str:
    """The simplified form of one hanzi: one hanzi, itself where none is known."""
    if character in _TABLE_MENDS:
        return _TABLE_MENDS[character]
    if character.encode("gb2312", "ignore"):
        return character
    found = _table()(character)
    return found if len(found) == 1 and is_hanzi(found) else character


@cache
def _table() -> Any:
    # Loaded with the first hanzi outside GB 2312: most notices never need it.
    from kaldifst import TextNormalizer
    from wetext.constants import FST_PATHS

    return TextNormalizer(FST_PATHS["preprocess"]["traditional_to_simple"])
