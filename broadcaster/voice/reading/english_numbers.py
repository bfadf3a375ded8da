"""Figures in English announcements as English words. Times and plain numbers; anything longer digit by digit."""

from __future__ import annotations

import re

_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("-", "-", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_FIGURES = re.compile(
    r"(?P<hour>\d{1,2}):(?P<minute>[0-5]\d)|(?P<whole>\d[\d,]*)(?:\.(?P<part>\d+))?(?P<percent>\s?%)?"
)
_LONGEST = 6


def in_words(text: str) -> str:
    """The text with its figures as words, no digit left."""
    return _FIGURES.sub(_said, text)


def _said(match: re.Match[str]) -> str:
    if match["hour"]:
        minute = int(match["minute"])
        tail = "" if minute == 0 else f" oh {_ONES[minute]}" if minute < 10 else f" {_cardinal(minute)}"
        return _cardinal(int(match["hour"])) + (tail or " o'clock")
    digits = match["whole"].replace(",", "")
    words = _one_by_one(digits) if len(digits) > _LONGEST or digits[0] == "0" != digits else _cardinal(int(digits))
    if match["part"]:
        words += f" point {_one_by_one(match['part'])}"
    if match["percent"]:
        words += " percent"
    comma = "," if match["whole"].endswith(",") and not match["part"] else ""
    return words + comma


def _one_by_one(digits: str) -> str:
    return " ".join(_ONES[int(digit)] for digit in digits)


def _cardinal(number: int) -> str:
    if number < 20:
        return _ONES[number]
    if number < 100:
        return _TENS[number // 10] + (f" {_ONES[number % 10]}" if number % 10 else "")
    if number < 1000:
        rest = number % 100
        return f"{_ONES[number // 100]} hundred" + (f" and {_cardinal(rest)}" if rest else "")
    rest = number % 1000
    return f"{_cardinal(number // 1000)} thousand" + (f" {_cardinal(rest)}" if rest else "")
