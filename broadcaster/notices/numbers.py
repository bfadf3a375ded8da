"""Numbers as notices write them: digits, digits with commas, and Chinese numerals; values only, for the lint."""

from __future__ import annotations

import re
import unicodedata

_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "○": 0}
_UNITS = {"十": 10, "百": 100, "千": 1000}

#: A number in a pattern: ``1,999``, ``8.8``, ``1.5万``, ``一千二``.
NUMBER = r"(?:\d[\d,]*(?:\.\d+)?\s*[万千]?|[零〇一二两三四五六七八九十百千万]+(?:点[零〇一二三四五六七八九]+)?)"

_DIGITAL = re.compile(r"(\d[\d,]*(?:\.\d+)?)\s*([万千]?)")


def folded(text: str) -> str:
    """The text with full-width digits, letters and marks made narrow; as long as before, so places stay the same."""
    return "".join(_narrow(character) for character in text)


def _narrow(character: str) -> str:
    narrow = unicodedata.normalize("NFKC", character)
    return narrow if len(narrow) == 1 else character


def value(text: str) -> float | None:
    """The number that is written, or None where it is none."""
    text = text.strip()
    if match := _DIGITAL.fullmatch(text):
        return float(match[1].replace(",", "")) * {"": 1, "千": 1000, "万": 10_000}[match[2]]
    return _chinese(text)


def _chinese(text: str) -> float | None:
    whole, _, fraction = text.partition("点")
    if not whole or any(character not in _DIGITS for character in fraction):
        return None
    total = _chinese_whole(whole)
    if total is None:
        return None
    return total + sum(_DIGITS[character] / 10.0 ** (place + 1) for place, character in enumerate(fraction))


def _chinese_whole(text: str) -> float | None:
    if "万" in text:
        high, _, low = text.partition("万")
        above, below = _chinese_whole(high), _chinese_whole(low) if low else 0.0
        return None if above is None or below is None else above * 10_000 + below
    if all(character in _DIGITS for character in text):
        # Said digit by digit, as in 八八折 or 二〇二六.
        return float("".join(str(_DIGITS[character]) for character in text)) if text else None
    total, digit, unit = 0.0, None, 0
    for character in text:
        if character in _UNITS:
            unit = _UNITS[character]
            total += (1 if digit is None else digit) * unit
            digit = None
        elif character in _DIGITS:
            digit = _DIGITS[character]
            unit = unit if digit else 10
        else:
            return None
    # 一千二 is 1200: a last digit right after a unit counts in the unit below.
    return total + (digit or 0) * (unit / 10 if unit >= 10 else 1)
