"""Public holidays and make-up workdays (调休), from kept libraries.

China: ``chinese_calendar``, which follows the State Council's yearly arrangement day by day. Years that it does not
have yet, and other countries: ``holidays``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

import chinese_calendar
import holidays


@dataclass(frozen=True, slots=True)
class PublicDay:
    """What the country makes of a date."""

    kind: Literal["holiday", "make-up-workday"]
    zh: str
    en: str


_CHINESE_NAMES = {
    "New Year's Day": "元旦", "Spring Festival": "春节", "Tomb-sweeping Day": "清明节", "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节", "Mid-autumn Festival": "中秋节", "National Day": "国庆节",
    "Anti-Fascist 70th Day": "抗战胜利纪念日",
}  # fmt: skip


def known_country(code: str) -> bool:
    """Whether the holiday library knows an ISO 3166 two-letter code."""
    return code in holidays.list_supported_countries(include_aliases=False)


def arrangement_published(country: str | None, year: int) -> bool:
    """False where a Chinese year's make-up workdays are not in the library (yet): statutory dates only."""
    if country != "CN":
        return True
    try:
        chinese_calendar.is_holiday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


@lru_cache(maxsize=4096)
def public_day(country: str | None, day: date) -> PublicDay | None:
    """The public holiday or make-up workday on a date, if it is one."""
    if country is None:
        return None
    if country == "CN" and arrangement_published(country, day.year):
        return _chinese_day(day)
    table = _table(country, day.year)
    if day in table:
        name = table.get(day) or ""
        return PublicDay("holiday", name, name)
    if day in getattr(table, "weekend_workdays", ()):
        return PublicDay("make-up-workday", "调休上班", "make-up workday")
    return None


def _chinese_day(day: date) -> PublicDay | None:
    off, name = chinese_calendar.get_holiday_detail(day)
    if name is None:
        return None
    zh = _CHINESE_NAMES.get(name, name)
    if off:
        return PublicDay("holiday", zh, name)
    return PublicDay("make-up-workday", f"{zh}调休上班", f"make-up workday for {name}")


@lru_cache(maxsize=64)
def _table(country: str, year: int) -> holidays.HolidayBase:
    return holidays.country_holidays(country, years=year, language="zh_CN" if country == "CN" else None)
