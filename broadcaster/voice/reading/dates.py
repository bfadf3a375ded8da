"""Dates, weekdays and times of day, single and in ranges."""

from __future__ import annotations

import re

from broadcaster.voice.reading.numbers import FREE, TO, cardinal, one_by_one, span
from broadcaster.voice.reading.rule import Rule, rule

_YEAR = r"(?:19|20)\d{2}"
_MONTH = r"(?:1[0-2]|0?[1-9])"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])"
_HOUR = r"(?:2[0-4]|[01]?\d)"
_CLOCK = rf"({_HOUR}):([0-5]\d)(?::([0-5]\d))?"
_NOT_A_DATE = r"(?![\d.]*\s?(?:米|万|元|折|%|倍|度|[a-z]|[×*]|斤|公斤|寸|平|亿|千|折|吨|级|分|秒|小时|厘米|块|°))"
_EVENT = r"(?=起|前|后|当天|期间|放假|上午|下午|晚|至|到|开业|活动|[,，]?全天|凌晨|中午|截止|止|日)"
_FREE = FREE + "(?<![¥$€])"
_MEASURED = "[米元度折岁斤寸级克升吨]"
_WEEKDAYS = {"1": "一", "2": "二", "3": "三", "4": "四", "5": "五", "6": "六", "7": "日"}


def _plain(number: str) -> str:
    """A month or day written 05 or 5."""
    return cardinal(str(int(number)))


def _month_day(month: str, day: str) -> str:
    return f"{_plain(month)}月{_plain(day)}日"


def _full(match: re.Match[str]) -> str:
    return f"{one_by_one(match[1])}年{_month_day(match[3], match[4])}"


def _full_range(match: re.Match[str]) -> str:
    """2026.5.1-2026.5.7, 2026.5.1-5.7 and 2026.5.1-7."""
    last = f"{_plain(match[7])}日" if match[6] is None else _month_day(match[6], match[7])
    if match[5]:
        last = f"{one_by_one(match[5])}年{last}"
    return f"{one_by_one(match[1])}年{_month_day(match[3], match[4])}至{last}"


def _short_range(match: re.Match[str]) -> str | None:
    """5/1-5/7 and 10.1-10.7, when the second is later than the first; else they are no dates."""
    first, last = (int(match[1]), int(match[3])), (int(match[4]), int(match[5]))
    if first >= last and not (first[0] >= 10 and last[0] <= 3):
        return None
    return f"{_month_day(match[1], match[3])}至{_month_day(match[4], match[5])}"


def _year(match: re.Match[str]) -> str:
    return f"{span(one_by_one(match[1]) + match[2], one_by_one(match[3]) if match[3] else None)}年"


def _hour(hour: int) -> str:
    return "两" if hour == 2 else cardinal(str(hour))


def _minutes(minutes: str) -> str:
    number = int(minutes)
    if number == 0:
        return ""
    return f"零{cardinal(str(number))}分" if number < 10 else f"{cardinal(str(number))}分"


def _clock(hour: str, minutes: str, seconds: str | None) -> str:
    words = f"{_hour(int(hour))}点{_minutes(minutes)}"
    if seconds and int(seconds):
        words += ("零分" if not int(minutes) else "") + ("零" if int(seconds) < 10 else "")
        words += f"{cardinal(str(int(seconds)))}秒"
    return words


def _clock_range(match: re.Match[str]) -> str:
    return f"{_clock(match[1], match[2], match[3])}至{match[4] or ''}{_clock(match[5], match[6], match[7])}"


def _english_clock(match: re.Match[str]) -> str | None:
    """9am, 8:30 PM: the part of the day goes first."""
    hour = int(match[1])
    if not 1 <= hour <= 12:
        return None
    if match[3] in "aA":
        part = "上午" if hour != 12 else "凌晨"
    else:
        part = "中午" if hour == 12 else "下午" if hour < 6 else "晚上"
    return part + _clock(match[1], match[2] or "00", None)


def _spelled(match: re.Match[str]) -> str | None:
    """9点30分, 9时05分, 14点30."""
    if int(match[1]) > 24 or int(match[3]) > 59:
        return None
    hour = _hour(int(match[1])) if match[2] == "点" else cardinal(str(int(match[1])))
    minutes = int(match[3])
    zero = "零" if minutes < 10 else ""
    return f"{hour}{match[2]}{zero}{cardinal(str(minutes))}分"


def _hours(match: re.Match[str]) -> str | None:
    """9点, 9-18点, 10时."""
    numbers = [int(number) for number in (match[1], match[2]) if number]
    if any(number > 24 for number in numbers):
        return None
    first, last = (_hour(n) if match[3] == "点" else cardinal(str(n)) for n in (numbers[0], numbers[-1]))
    return span(first, last if match[2] else None) + match[3]


def _weekday(match: re.Match[str]) -> str:
    last = _WEEKDAYS.get(match[4], match[4]) if match[4] else None
    again = (match[3] or match[1]) if last else ""
    return match[1] + _WEEKDAYS.get(match[2], match[2]) + (f"至{again}{last}" if last else "")


def _weekdays_listed(match: re.Match[str]) -> str:
    return match[1] + "、".join(_WEEKDAYS[digit] for digit in match[2] if digit in _WEEKDAYS)


_WEEK = r"(周|星期|礼拜)"
_RANGE_OF_HANZI_DAYS = r"[-~—]{1,2}"

DATES: tuple[Rule, ...] = (
    rule(
        "days",
        r"(?<![\d.])(\d{1,2}(?:、\d{1,2})+)\s?(?=[日号])",
        lambda m: "、".join(cardinal(day) for day in m[1].split("、")),
    ),
    rule(
        "date",
        rf"{FREE}({_YEAR})([-/.])({_MONTH})\2({_DAY}){TO}(?:(?:({_YEAR})\2)?({_MONTH})\2)?({_DAY})(?![\d.])日?",
        _full_range,
    ),
    rule("date", rf"{FREE}({_YEAR})([-/.])({_MONTH})\2({_DAY})(?!\d)(?!\.\d)日?", _full),
    rule(
        "date",
        rf"{FREE}({_YEAR})[-/.](1[0-2]|0[1-9])(?![\d.])(?!-\d)月?",
        lambda m: f"{one_by_one(m[1])}年{_plain(m[2])}月",
    ),
    rule("date", rf"{_FREE}({_MONTH})([/.])({_DAY})日?{TO}({_MONTH})\2({_DAY})(?!\d)日?{_NOT_A_DATE}", _short_range),
    rule(
        "date", rf"{_FREE}({_MONTH})/({_DAY})日?{TO}({_DAY})日", lambda m: f"{_month_day(m[1], m[2])}至{_plain(m[3])}日"
    ),
    rule("date", rf"{_FREE}({_MONTH})/({_DAY})(?![\d/.]){_EVENT}日?", lambda m: _month_day(m[1], m[2])),
    rule(
        "date",
        rf"(?<=[至到于在])\s?({_MONTH})[./]({_DAY})(?![\d./])(?!\s?[米元折倍度万平厘%a-zA-Z])日?",
        lambda m: _month_day(m[1], m[2]),
    ),
    rule("date", rf"{_FREE}({_MONTH})\.({_DAY})(?![\d.]){_EVENT}日?", lambda m: _month_day(m[1], m[2])),
    rule(
        "date",
        rf"{_FREE}({_MONTH})/({_DAY})(?=\s?[(]?(?:周|星期)[一二三四五六日天1-7])",
        lambda m: _month_day(m[1], m[2]),
    ),
    rule(
        "date",
        rf"{_FREE}({_MONTH})\.({_DAY})(?=\s?[(]?(?:周|星期)[一二三四五六日天1-7])",
        lambda m: _month_day(m[1], m[2]),
    ),
    rule("year", rf"{FREE}({_YEAR})(年?){TO}({_YEAR})\s?年", _year),
    rule("year", rf"{FREE}({_YEAR})()()\s?年(?!历史|之久|以来的历史|前)", _year),
    rule(
        "year",
        r"(?<![\d.])(\d{2})年(?=\s?(?:0?[1-9]|1[0-2])月|款|版|新款|春|秋|夏季|冬季)",
        lambda m: f"{one_by_one(m[1])}年",
    ),
    rule(
        "year",
        rf"{FREE}({_YEAR})(?=(?:全?新?款|版|春夏|秋冬|春季|夏季|秋季|冬季|新年|元旦|春节|年货|财年|国际|中国|[^\W\d_元个份名件位套张户平米人万款送减抵返得]{{0,4}}(?:节|展(?![位厅台柜示品])|博览会|盛典|嘉年华|发布会|家装)))",
        lambda m: one_by_one(m[1]),
    ),
    rule("decade", r"(?<!\d)(\d0)(?=年代)", lambda m: cardinal(m[1]) if m[1] != "00" else "零零"),
    rule("decade", r"(?<!\d)([0-9][05])(?=后(?:[^续面来天期]|$))", lambda m: one_by_one(m[1])),
    rule(
        "month",
        rf"{_FREE}({_MONTH})(?:{TO}({_MONTH}))?\s?月(?!子)",
        lambda m: f"{span(_plain(m[1]), m[2] and _plain(m[2]))}月",
    ),
    rule(
        "day",
        rf"{FREE}({_DAY})(?:{TO}({_DAY}))?\s?日(?!元(?!旦)|币)",
        lambda m: f"{span(_plain(m[1]), m[2] and _plain(m[2]))}日",
    ),
    rule("day", rf"(?<=月)\s?({_DAY}){TO}({_DAY})号", lambda m: f"{_plain(m[1])}至{_plain(m[2])}号"),
    rule(
        "day",
        rf"(?<=月)\s?({_DAY})(号|(?!号))(?![\d.:折元日个])",
        lambda m: f"{_plain(m[1])}{m[2] or '日'}",
    ),
    rule(
        "weekday",
        rf"{_WEEK}([一二三四五六日天1-7])(?:\s*(?:{_RANGE_OF_HANZI_DAYS}|至|到)\s*{_WEEK}?([一二三四五六日天1-7]))?(?![\d年个:点折])",
        _weekday,
    ),
    rule("weekday", rf"{_WEEK}([1-7](?:[、,/][1-7])+)(?![\d:])", _weekdays_listed),
)

TIMES: tuple[Rule, ...] = (
    rule(
        "time",
        rf"(?<![\d:.]){_CLOCK}{TO}(次日|凌晨|中午|下午|晚上|晚|翌日)?{_CLOCK}(?![\d:])(?!\s?[aApP]\.?[mM])",
        _clock_range,
    ),
    rule("time", rf"(?<![\d:.])({_HOUR})(?::([0-5]\d))?\s?([aApP])\.?[mM]\.?(?![A-Za-z])", _english_clock),
    rule(
        "ratio",
        r"(?:(?<=比例)|(?<=比分)|(?<=按)|(?<=配比)|(?<=比例为)|(?<=比例是))\s?:?(\d+):(\d+)(?!\d)",
        lambda m: f"{cardinal(m[1])}比{cardinal(m[2])}",
    ),
    rule("time", rf"(?<![\d:.]){_CLOCK}(?![\d:])分?", lambda m: _clock(m[1], m[2], m[3])),
    rule("time", r"(?<![\d.])(\d{1,2})\s?([点时])\s?(\d{1,2})(?:分(?![钟之])|(?![\d.:折%元米点秒个件~-]))", _spelled),
    rule("time", rf"(?<![\d.])(\d{{1,2}})(?:{TO}(\d{{1,2}}))?\s?(点)(?![数\d])", _hours),
    rule("time", rf"(?<![\d.])(\d{{1,2}})(?:{TO}(\d{{1,2}}))?\s?(时)(?=[整许前后起至到,，。~\-—]|$)", _hours),
    rule("to", r"(?<=[aApP][mM])\s*[-~—]{1,2}\s*(?=\d)", lambda m: "至"),
    rule(
        "to",
        rf"(?<={_MEASURED})\s*[-~—]{{1,2}}\s*(?=\d+(?:\.\d+)?\s?(?:{_MEASURED}|厘米|毫米|公斤|万))",
        lambda m: "至",
    ),
    rule(
        "to",
        r"(?<=[日号月年点分时楼层整半天午旬初底末])\s*[-~—]{1,2}\s*(?=\d{1,4}\s?[年月日号点时:楼层F/]|次日|翌日|下午|上午|晚|中午|凌晨|周|星期|(?:[一二三四五六七八九十]{1,3}[月日号点时楼层]))",
        lambda m: "至",
    ),
)
