"""Prices, discounts, reductions and per cents."""

from __future__ import annotations

import re

from broadcaster.voice.reading.numbers import AMOUNT, DECIMAL, FREE, TO, cardinal, counted, one_by_one, price, span
from broadcaster.voice.reading.rule import Rule, rule
from broadcaster.voice.reading.units import UNIT, unit_words

_SIGN = r"(?:[¥]|RMB|CNY|rmb)\s?"
_WORD = r"(?:元|块钱|块|美元|欧元|英镑|日元|港币|港元|人民币|澳门元|积分|代金券|现金)"
_EACH = rf"(?:\s?/\s?(?:({UNIT})(?![A-Za-z])|(?=[\u4e00-\u9fff\d])))?"


def _each(match: re.Match[str], group: int) -> str:
    """元/套 is 元每套; the hanzi after the stroke stays where it is."""
    unit = match[group]
    if unit:
        return f"每{unit_words(unit)}"
    return "每" if match[0].rstrip().endswith("/") else ""


def _signed(match: re.Match[str]) -> str:
    """¥99-¥199 is 九十九元至一百九十九元, ¥99-199 九十九至一百九十九元."""
    if not match[3]:
        return f"{price(match[1])}元{_each(match, 4)}"
    return f"{price(match[1])}{'元' if match[2] else ''}至{price(match[3])}元{_each(match, 4)}"


def _worded(match: re.Match[str]) -> str:
    first = price(match[1]) + (match[2] or "")
    return span(first, price(match[3]) if match[3] else None) + match[4] + _each(match, 5)


def _fold(number: str) -> str:
    """88 is 八八折, 8.8 八点八折, 5 五折."""
    return one_by_one(number) if "." not in number and len(number) == 2 and number != "10" else cardinal(number)


def _discount(match: re.Match[str]) -> str:
    return f"{span(_fold(match[1]), _fold(match[2]) if match[2] else None)}折"


def _per_cent_of(number: str) -> str:
    return "百" if number == "100" else cardinal(number)


def _per_cent(match: re.Match[str]) -> str:
    first = f"百分之{_per_cent_of(match[1])}"
    if not match[3]:
        return first
    return f"{first}至{'百分之' if match[2] else ''}{_per_cent_of(match[3])}"


def _off(match: re.Match[str]) -> str:
    """满300-50, 满300减50, 满1000送200, 2件8折: the words between stay, a dash is 减."""
    return f"满{counted(match[1], measure=bool(match[2]))}{match[2] or ''}减{counted(match[3], measure=False)}"


def _worded_latin(match: re.Match[str]) -> str:
    return span(price(match[1]), price(match[3]) if match[3] else None) + "元"


MONEY: tuple[Rule, ...] = (
    rule("discount", rf"{FREE}(\d{{1,2}}(?:\.\d)?)(?:折?{TO}(\d{{1,2}}(?:\.\d)?))?\s?折(?!叠|页)", _discount),
    rule("per-cent", rf"{FREE}({DECIMAL})\s?(%)?{TO}({DECIMAL})\s?%", _per_cent),
    rule("per-cent", rf"(?<![\w)%])-({DECIMAL})\s?%", lambda m: f"负百分之{cardinal(m[1])}"),
    rule("per-cent", rf"{FREE}({DECIMAL})\s?()()%", _per_cent),
    rule("per-cent", rf"{FREE}({DECIMAL})\s?‰", lambda m: f"千分之{cardinal(m[1])}"),
    rule("reduction", rf"满\s?({AMOUNT})([元件])?\s?[-—]\s?({AMOUNT})(?![\d折%])", _off),
    rule("price", rf"{FREE}{_SIGN}({AMOUNT})\s?元?(?:{TO}({_SIGN})?({AMOUNT})\s?元?)?{_EACH}", _signed),
    rule("price", rf"{FREE}({AMOUNT})\s?()(?:元?{TO}({AMOUNT}))?\s?(?:RMB|CNY|rmb)()()", _worded_latin),
    rule("price", rf"{FREE}({AMOUNT})([多余几来])?(?:元?{TO}({AMOUNT}))?\s?({_WORD}){_EACH}", _worded),
)
