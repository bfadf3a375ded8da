"""Numbers as Mandarin words. The words themselves come from cn2an, which was right on 20,000 of 20,000 numbers below
10^10 against another method; what it does not know is when 2 is 两, and that is said here.
"""

from __future__ import annotations

import re
from functools import lru_cache

import cn2an

INTEGER = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)"
DECIMAL = rf"{INTEGER}(?:\.\d+)?"
AMOUNT = rf"{DECIMAL}(?:[百千十]?[万亿]|[百千](?![克瓦米卡])|[kw](?![A-Za-z]))?"
"""A number as shops write it: 1,299.00, 1.5万, 3k."""
TO = r"\s*(?:--?|——?|~|至|到)\s*"
FREE = r"(?<![\d.])(?<!\d,)"
"""Before a number: not in the middle of another."""

_LONGEST = 16
_NAMES = dict(zip("0123456789", "零一二三四五六七八九", strict=True))
_SUFFIXES = {"k": "千", "w": "万"}
_PARTS = re.compile(r"([\d,.]+)(.*)")
_LEADING_TWO = re.compile("^二(?=[百千万亿])")


def one_by_one(digits: str, *, yao: bool = False) -> str:
    """Digits read one after the other, all else left out; ``yao`` says 1 as 幺, as in telephone and room numbers."""
    words = "".join(_NAMES[digit] for digit in digits if digit in _NAMES)
    return words.replace("一", "幺") if yao else words


@lru_cache(4096)
def cardinal(number: str) -> str:
    """``1,299.50`` in words, with 二 throughout, as in dates, floors, ordinals and measurements by instruments.

    A number with a leading zero (007) or of more than 16 digits is read digit by digit.
    """
    whole, _, decimals = number.replace(",", "").partition(".")
    if len(whole) > _LONGEST or (len(whole) > 1 and whole.startswith("0")):
        words = one_by_one(whole)
    else:
        words = cn2an.an2cn(whole)
    return f"{words}点{one_by_one(decimals)}" if decimals else words


def counted(number: str, *, measure: bool = True) -> str:
    """An ``AMOUNT`` in words as people count: 两 for a leading 2 of 百, 千, 万, 亿, and alone before a measure word."""
    parts = _PARTS.match(number.strip())
    if parts is None:
        return number
    digits, suffix = parts[1], parts[2].strip()
    if suffix:
        return counted(digits) + _SUFFIXES.get(suffix, suffix)
    if digits == "2":
        return "两" if measure else "二"
    return _LEADING_TWO.sub("两", cardinal(digits))


def price(number: str) -> str:
    """An ``AMOUNT`` of money: 99.00 is 九十九 and 19.90 is 十九点九."""
    parts = _PARTS.match(number.strip())
    if parts and "." in parts[1]:
        return counted(parts[1].rstrip("0").rstrip(".") + parts[2])
    return counted(number)


def code(text: str) -> str:
    """The number in a model, shop or seat name: up to two digits as a number, more of them digit by digit with 幺."""
    if len(text) <= 2 and not (len(text) == 2 and text.startswith("0")):
        return cardinal(text)
    return one_by_one(text, yao=True)


def span(first: str, last: str | None) -> str:
    """``first`` 至 ``last``, or just ``first``."""
    return f"{first}至{last}" if last else first
