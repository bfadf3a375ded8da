"""Lint of dates, weekdays and times of day in a text, and of the dates on which it is to air."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from broadcaster.notices.lint_remark import Remark, remark
from broadcaster.notices.numbers import folded

_WEEKDAYS = "一二三四五六日"
_WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_MONTH_DAY = r"(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*[日号]?"
_DATE = re.compile(
    rf"(?:(?P<year>(?:19|20)\d{{2}})\s*年\s*)?(?<![\d.]){_MONTH_DAY}(?!\d)"
    r"|(?<![\d.])(?P<year2>20\d{2})(?P<mark>[-/.])(?P<month2>\d{1,2})(?P=mark)(?P<day2>\d{1,2})(?![\d])"
    r"|(?<=[至到\-—~～])\s*(?P<day3>\d{1,2})\s*[日号](?!楼|门|展|铺|柜|厅|馆|线|院|通道|电梯|扶梯|机|桌|位|口)"
)
_WEEKDAY = re.compile(r"\s*[,，、]?\s*[(（\[【]?\s*(?:本|这)?(?:星期|周|礼拜)(?P<name>[一二三四五六日天])\s*[)）\]】]?")
_TO = re.compile(r"\s*(?:(?:\d{1,2}[::]\d{2}|[上下]午|早上?|晚上?|\d{1,2}[点时]半?)\s*)*(?:至|到|-|—|–|~|～|——)\s*$")
_UNTIL = re.compile(r"(?:至|到|截止|截至|截止到|截止至|止于|止到|为期至)\s*(?:[今明本]年)?\s*$")

_HOURS_MARK = re.compile(r"营业时间|开放时间|开门|打烊|闭店|闭馆")
_TIME = re.compile(
    r"(?:(?P<part>凌晨|清晨|早晨|早上|上午|早|中午|下午|傍晚|晚上|晚间|晚|夜里)\s*)?"
    r"(?<![\d.:])(?:(?P<h>\d{1,2}):(?P<m>\d{2})(?![\d:])|(?P<h2>\d{1,2})\s*[点时](?!间|尚|装|光|刻|代|数|段|候|效|常|心|评|击|赞|餐|差)"
    r"(?:\s*(?P<half>半)|\s*(?P<m2>\d{1,2})\s*分?)?)"
)
_RANGE_GAP = re.compile(r"\s*(?:至|到|-|—|–|~|～|——)\s*(?P<next>次日|第二天|翌日)?\s*")

_MOST_DAYS = 200
"""A span without years that would be longer than this is taken for a slip, not for one across the turn of the year."""
_NOON_S = 12 * 3600
_DAY_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    end: int
    day: date
    guessed: bool
    """Whether no year is written."""


def date_remarks(source: str, today: date, last: date | None) -> Iterator[Remark]:
    """Remarks on the dates in a text that is read out from ``today`` until ``last``."""
    text = folded(source)
    found: list[_Found] = []
    for match in _DATE.finditer(text):
        day = _read(match, found[-1].day if found else today, today)
        if day is None:
            yield remark("no-such-date", "serious", source, match.span(), date=match[0].strip())
            continue
        written = match["year"] or match["year2"]
        entry = _Found(match.start(), match.end(), day, written is None)
        yield from _weekday(source, text, entry)
        before = found[-1] if found else None
        ranged = before is not None and _TO.fullmatch(_without_weekday(text, before.end, entry.start)) is not None
        if before is not None and ranged:
            entry, wrong = _after(before, entry)
            if wrong:
                span = before.start, entry.end
                yield remark("backwards", "serious", source, span, start=_words(before.day), end=_words(entry.day))
        if ranged or _UNTIL.search(text, 0, entry.start):
            yield from _ending(source, entry, today, last)
        found.append(entry)


def _ending(source: str, entry: _Found, today: date, last: date | None) -> Iterator[Remark]:
    span = entry.start, entry.end
    if entry.day < today:
        yield remark("over", "serious", source, span, date=_words(entry.day))
    elif last is not None and entry.day < last:
        yield remark("outlives", "serious", source, span, date=_words(entry.day), last=_words(last))


def _after(before: _Found, entry: _Found) -> tuple[_Found, bool]:
    """The end of a range, in the year after where that makes sense; and whether it lies before its beginning."""
    if entry.day >= before.day:
        return entry, False
    if entry.guessed:
        later = _made(entry.day.year + 1, entry.day.month, entry.day.day)
        if later is not None and (later - before.day).days <= _MOST_DAYS:
            return _Found(entry.start, entry.end, later, True), False
    return entry, True


def _without_weekday(text: str, start: int, end: int) -> str:
    match = _WEEKDAY.match(text, start, end)
    return text[match.end() if match else start : end]


def _weekday(source: str, text: str, entry: _Found) -> Iterator[Remark]:
    match = _WEEKDAY.match(text, entry.end)
    if match is None:
        return
    said, should = _WEEKDAYS.index(match["name"].replace("天", "日")), entry.day.weekday()
    if said != should:
        yield remark(
            "weekday",
            "serious",
            source,
            (entry.start, match.end()),
            date=_words(entry.day),
            should=f"星期{_WEEKDAYS[should]}",
            said=f"星期{_WEEKDAYS[said]}",
            should_en=_WEEKDAYS_EN[should],
            said_en=_WEEKDAYS_EN[said],
        )


def _read(match: re.Match[str], before: date, today: date) -> date | None:
    if match["day3"]:
        return _made(before.year, before.month, int(match["day3"]))
    month, day = int(match["month"] or match["month2"]), int(match["day"] or match["day2"])
    year = match["year"] or match["year2"]
    if year:
        return _made(int(year), month, day)
    # The year that brings it nearest to today: a notice in December about January means the next one.
    around = (made for shift in (0, -1, 1) if (made := _made(today.year + shift, month, day)) is not None)
    return min(around, key=lambda made: abs((made - today).days), default=None)


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _words(day: date) -> str:
    return f"{day.year}-{day.month:02d}-{day.day:02d}"


def time_remarks(source: str, hours: tuple[int, int] | None) -> Iterator[Remark]:
    """Remarks on times of day: ones that do not exist, ranges that run backwards, and opening hours.

    ``hours`` are the store's opening and closing in seconds from midnight, to compare opening hours in the text with.
    """
    text = folded(source)
    times = list(_TIME.finditer(text))
    for match in times:
        if _seconds(match) is None:
            yield remark("no-such-time", "serious", source, match.span(), time=match[0].strip())
    for first, second in pairwise(times):
        gap = _RANGE_GAP.fullmatch(text, first.end(), second.start())
        start, end = _seconds(first), _seconds(second)
        if gap is None or start is None or end is None:
            continue
        until = _range_end(first, second, start, end, gap["next"] is not None)
        span = first.start(), second.end()
        if until is None:
            yield remark("backwards", "serious", source, span, start=first[0].strip(), end=second[0].strip())
        elif hours not in (None, (start, until)) and _HOURS_MARK.search(
            text, max(0, first.start() - 12), first.start()
        ):
            assert hours is not None
            said, should = (f"{_clock(a)}-{_clock(b)}" for a, b in ((start, until), hours))
            yield remark("hours", "advice", source, span, said=said, should=should)


def _range_end(first: re.Match[str], second: re.Match[str], start: int, end: int, next_day: bool) -> int | None:
    """Where a range ends, in seconds from the first day's midnight; None where it runs backwards."""
    if next_day or (end < start and second["part"] == "凌晨"):
        return end + _DAY_S
    if end > start:
        return end
    # 下午2点到5点 means 17:00, 9点到5点 very likely too; 10:00-9:30 does not mean 21:30.
    spoken = second["part"] is None and (first["part"] is not None or second["h2"] is not None)
    if spoken and end + _NOON_S > start and end <= _NOON_S:
        return end + _NOON_S
    return None


def _seconds(match: re.Match[str]) -> int | None:
    hour = int(match["h"] or match["h2"])
    minute = 30 if match["half"] else int(match["m"] or match["m2"] or 0)
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        return None
    if match["part"] in ("下午", "傍晚", "晚上", "晚间", "晚", "夜里", "中午") and 1 <= hour < (
        3 if match["part"] == "中午" else 12
    ):
        hour += 12
    return hour * 3600 + minute * 60


def _clock(seconds: int) -> str:
    return f"{seconds % _DAY_S // 3600:02d}:{seconds % 3600 // 60:02d}"
