"""What no rule of the store recognised: first the kept library's turn, then digit by digit.

wetext is asked about formulas, foreign money, speeds and signs before numbers, where it was right; not about plain
numbers, of which it reads some that shops count as codes (共110 and 10010 came out as 幺幺零 and 幺零零幺零), and not
about anything with a hyphen, which is a subtraction for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from broadcaster.voice.reading.numbers import AMOUNT, DECIMAL, FREE, TO, cardinal, counted, one_by_one, span
from broadcaster.voice.reading.phones import grouped
from broadcaster.voice.reading.rule import Rule, rule

_PIECE = re.compile(r"[A-Za-z]*[-+$€£¥≥≤><=±]*\d[\d.,:/+×÷*=<>≥≤%°-]*[A-Za-z³²/]*")
_MEASURES = (
    "个|位|名(?!牌)|人|件|套|张|把|条|款|种|次|天|周|年|小时|分钟|分(?=[钟之])|秒|块|厘米|毫米|公里|千米|米|平方|平米|平|立方|斤|公斤|千克|克|吨|升"
    "|毫升|双|对|只|台|辆|部|盏|扇|樘|间|家|户|组|批|份|包|箱|盒|袋|瓶|杯|桶|罐|卷|片|根|支|枝|束|朵|棵|株|本|册|页|句|场|轮|遍|趟|餐|倍|成"
    "|口|面|排|列|行|桌|席|票|笔|单(?!元)|岁|季|寸|英寸|尺|亩|道|项|样|副|幅|匹|重|大(?!床)|圈|步|抽|桶|顶|床|处|段(?!位)|站|车|节|颗|粒|滴"
    "|元|卡(?!座)|万|亿|千|百|字|首|集|版|筐|扎|串|锅|碗|盆|门(?=课|技)|月龄|工作日|省市|居(?=室)|夜|晚(?!上|间|会)"
)  # fmt: skip
_MORE = rf"(?=\s?[多余几来]?\s?(?:{_MEASURES}))"


@cache
def _library() -> Any:
    # Loaded with the first such text: 0.5 s and 43 MB that most notices never need.
    from wetext import Normalizer

    return Normalizer(lang="zh", operator="tn")


def _ask(text: str) -> str | None:
    """wetext's reading, or None when it leaves a digit or a sign standing."""
    try:
        words = str(_library().normalize(text))
    except (RuntimeError, TypeError, ValueError, IndexError, KeyError):
        return None
    return None if not words or re.search(r"[^\u4e00-\u9fffA-Za-z]", words) else words


def _by_library(match: re.Match[str]) -> str | None:
    return _ask(match[0].replace(" ", "").replace(",", "").replace("*", "×"))


def _plain(match: re.Match[str]) -> str:
    return span(counted(match[1]), counted(match[2]) if match[2] else None)


def _bare(match: re.Match[str]) -> str:
    first = counted(match[1], measure=False)
    return span(first, counted(match[2], measure=False) if match[2] else None)


def _fraction(match: re.Match[str]) -> str | None:
    top, bottom = int(match[1]), int(match[2])
    if 0 < top < bottom:
        return f"{cardinal(match[2])}分之{cardinal(match[1])}"
    return None


LIBRARY: tuple[Rule, ...] = (
    rule("formula", rf"{FREE}{DECIMAL}(?:\s?[+×÷*=]\s?{DECIMAL})*\s?=\s?{DECIMAL}(?![\d])", _by_library),
    rule("formula", rf"{FREE}{DECIMAL}(?:\s?[+÷]\s?{DECIMAL})+(?![\d])", _by_library),
    rule("foreign-money", rf"[$€£]\s?{DECIMAL}", _by_library),
    rule("speed", rf"{FREE}{DECIMAL}\s?(?:km/h|m/s|kg/m³|kg/m3)(?![A-Za-z])", _by_library),
    rule("compared", rf"[≥≤±]\s?{DECIMAL}", _by_library),
)

PLAIN: tuple[Rule, ...] = (
    rule("more", rf"{FREE}({AMOUNT})\+{_MORE}", lambda m: f"{counted(m[1])}多"),
    rule("more", rf"{FREE}({AMOUNT})\+(?=[\u4e00-\u9fff])", lambda m: f"{counted(m[1])}多个"),
    rule("more", rf"{FREE}({AMOUNT})\+", lambda m: f"{counted(m[1])}以上"),
    rule("count", rf"{FREE}({AMOUNT})\s?(?:{TO}({AMOUNT}))?{_MORE}", _plain),
    rule("fraction", r"(?<![\d./])(\d{1,3})/(\d|10|100)(?![\d/.])", _fraction),
    rule("fraction", r"(?<![\d./])(\d{1,3})/(\d{1,3})(?![\d/.])", _fraction, doubtful=True),
    rule(
        "ratio",
        r"(?<![\d.:])(\d+(?:\.\d+)?):(\d+(?:\.\d+)?)(?::(\d+))?(?![\d:])",
        lambda m: "比".join(cardinal(n) for n in m.groups() if n),
    ),
    rule("minus", rf"(?<![\w)])-({DECIMAL})(?![\d.])", lambda m: f"负{counted(m[1], measure=False)}"),
    rule("digits", r"(?<![\d.,])(\d{4,5}(?!000)\d{3})(?![\d.,])", lambda m: grouped(m[1]), doubtful=True),
    rule("amount", rf"{FREE}({AMOUNT})(?:{TO}({AMOUNT}))?(?![\d])(?!\.\d)", _bare),
)


def leftovers(text: str) -> Iterator[tuple[int, int, str, bool]]:
    """Stretches of an unclaimed text that still hold digits: where, how to say it, and whether that is a guess."""
    for match in _PIECE.finditer(text):
        words = "".join(one_by_one(c) if c.isdigit() else c for c in match[0] if c.isalnum())
        yield match.start(), match.end(), words, True
