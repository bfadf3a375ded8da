"""Sizes, weights, temperatures and other measurements, with units in Latin letters, signs or hanzi."""

from __future__ import annotations

import re

from broadcaster.voice.reading.numbers import AMOUNT, FREE, TO, cardinal, counted, span
from broadcaster.voice.reading.rule import Rule, rule

_COUNTED = {
    "m²": "平方米", "m2": "平方米", "M²": "平方米", "M2": "平方米", "㎡": "平方米", "m³": "立方米", "m3": "立方米",
    "cm²": "平方厘米", "km²": "平方公里", "cm³": "立方厘米",
    "km": "公里", "KM": "公里", "Km": "公里", "m": "米", "cm": "厘米", "CM": "厘米", "Cm": "厘米", "mm": "毫米",
    "MM": "毫米", "dm": "分米", "μm": "微米", "um": "微米", "nm": "纳米",
    "kg": "公斤", "KG": "公斤", "Kg": "公斤", "g": "克", "mg": "毫克", "t": "吨", "lb": "磅",
    "L": "升", "l": "升", "ml": "毫升", "ML": "毫升", "mL": "毫升", "Ml": "毫升",
    "h": "小时", "H": "小时", "min": "分钟", "mins": "分钟", "s": "秒", "pcs": "件", "PCS": "件",
    "inch": "英寸", "in": "英寸",
}  # fmt: skip
_INSTRUMENTS = {
    "kWh": "千瓦时", "KWH": "千瓦时", "kw": "千瓦", "kW": "千瓦", "KW": "千瓦", "W": "瓦", "V": "伏", "kV": "千伏",
    "Hz": "赫兹", "HZ": "赫兹", "hz": "赫兹", "kHz": "千赫兹", "MHz": "兆赫兹", "GHz": "吉赫兹", "dB": "分贝",
    "db": "分贝",
    "mAh": "毫安时", "mah": "毫安时", "mA": "毫安", "lm": "流明", "lux": "勒克斯", "Pa": "帕", "kPa": "千帕",
    "MPa": "兆帕",
    "Mbps": "兆每秒", "rpm": "转每分钟", "km/h": "公里每小时", "m/s": "米每秒", "ppm": "百万分之一", "μg": "微克",
    "mg/m³": "毫克每立方米", "mg/m3": "毫克每立方米", "kcal": "千卡",
}  # fmt: skip
_WORDS = _COUNTED | _INSTRUMENTS
UNIT = "|".join(re.escape(unit) for unit in sorted(_WORDS, key=len, reverse=True))
"""Units in letters, longest first; a letter must not follow."""
_HANZI_UNIT = "平方米|平米|立方米|厘米|毫米|公分|公里|千米|米|英寸|寸|尺|公斤|斤|克|吨|升|毫升"
_ANY_UNIT = rf"(?:(?:{UNIT})(?![A-Za-z0-9])|{_HANZI_UNIT})"
_TIMES = r"\s*[×xX*✕]\s*"
_DEGREES = {"°C": "摄氏度", "°F": "华氏度", "°": "度", "度": "度", "摄氏度": "摄氏度"}
_DEGREE = r"(?:°\s?[CF](?![A-Za-z])|°|摄氏度|度(?!假|过|身|数|量))"


def unit_words(unit: str) -> str:
    """The unit's Mandarin name; hanzi stay as they are."""
    return _WORDS.get(unit, unit)


def _amount(number: str, unit: str) -> str:
    if unit in _INSTRUMENTS:
        return cardinal(number) if re.fullmatch(r"[\d,.]+", number) else counted(number)
    return counted(number)


def _one(match: re.Match[str]) -> str:
    unit = match[3]
    last = _amount(match[2], unit) if match[2] else None
    return span(_amount(match[1], unit), last) + unit_words(unit) + ("每" if match[0].endswith("/") else "")


def _size(match: re.Match[str]) -> str:
    """2.4m×1.2m, 60×90cm, 1.8*2.0米, 200×150×75: 乘 between, each unit where it was written."""
    parts = re.findall(rf"({AMOUNT})\s?({_ANY_UNIT})?", match[0])
    words = []
    for at, (number, unit) in enumerate(parts):
        measured = bool(unit) or at == len(parts) - 1
        words.append((counted(number) if measured and unit else counted(number, measure=False)) + unit_words(unit))
    return "乘".join(words)


def _degree(text: str) -> str:
    return _DEGREES[text.replace(" ", "")]


def _temperature(match: re.Match[str]) -> str:
    return f"{'零下' if match[1] else ''}{cardinal(match[2])}{_degree(match[3])}"


def _temperatures(match: re.Match[str]) -> str:
    """A first below zero is closed with its own degree: 零下三至五度 would be below zero twice."""
    degree = _degree(match[6])
    first, last = cardinal(match[2]), cardinal(match[5])
    if match[1] and not match[4] and match[1] == "-":
        return f"零下{first}{degree}至{last}{degree}"
    middle = _degree(match[3]) if match[3] else ""
    return f"{'零下' if match[1] else ''}{first}{middle}至{'零下' if match[4] else ''}{last}{degree}"


SIZES: tuple[Rule, ...] = (
    rule(
        "size",
        rf"{FREE}{AMOUNT}\s?(?:{_ANY_UNIT})?(?:{_TIMES}{AMOUNT}\s?(?:{_ANY_UNIT})?)+(?!\s*[=\d])(?!小时)",
        _size,
    ),
)

_BELOW = r"((?<![\d°C度])-|零下\s?)?"
_NUMBER = r"(\d+(?:\.\d+)?)"

TEMPERATURES: tuple[Rule, ...] = (
    rule(
        "temperature",
        rf"(?<![\d.]){_BELOW}{_NUMBER}\s?({_DEGREE})?\s*(?:--?|——?|~|至|到)\s*(-|零下\s?)?{_NUMBER}\s?({_DEGREE})",
        _temperatures,
    ),
    rule("temperature", rf"(?<![\d.]){_BELOW}{_NUMBER}\s?({_DEGREE})", _temperature),
)

UNITS: tuple[Rule, ...] = (
    rule("diameter", r"φ\s?(?=\d)", lambda m: "直径"),
    rule(
        "unit",
        rf"{FREE}({AMOUNT})\s?({UNIT}){TO}({AMOUNT})\s?({UNIT})(?![A-Za-z0-9])",
        lambda m: f"{_amount(m[1], m[2])}{unit_words(m[2])}至{_amount(m[3], m[4])}{unit_words(m[4])}",
    ),
    rule("unit", rf"{FREE}({AMOUNT})\s?(?:{TO}({AMOUNT})\s?)?({UNIT})(?![A-Za-z0-9])(?:/(?=[\u4e00-\u9fff]))?", _one),
    rule("unit", rf"{FREE}({AMOUNT})\s?[Pp](?=空调|变频|机|挂机|柜机|立式|定频)", lambda m: f"{counted(m[1])}匹"),
    rule("unit", r"(?<=[\u4e00-\u9fff])/(?:(m²|m2|㎡)(?![A-Za-z0-9]))", lambda m: "每平方米"),
    rule("unit", r"(?<![A-Za-z0-9])(?:m²|m2)(?![A-Za-z0-9])", lambda m: "平方米"),
)
