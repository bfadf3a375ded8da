"""Lint of telephone numbers, by the Chinese numbering plan.

Lengths and area codes: 010 and 02x have eight digits behind them, 03xx to 09xx seven or eight; 400 and 800 numbers have
ten digits. Mobile prefixes: those that the ministry (工信部) has given out for calls up to 2024.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from broadcaster.notices.lint_remark import Remark, remark
from broadcaster.notices.numbers import folded

_MOBILE = frozenset(
    [f"13{n}" for n in range(10)]
    + [f"14{n}" for n in (5, 6, 7, 8, 9)]
    + [f"15{n}" for n in (0, 1, 2, 3, 5, 6, 7, 8, 9)]
    + [f"16{n}" for n in (2, 5, 6, 7)]
    + [f"17{n}" for n in range(9)]
    + [f"18{n}" for n in range(10)]
    + [f"19{n}" for n in (0, 1, 2, 3, 5, 6, 7, 8, 9)]
)
_CITY_3 = frozenset(("010", "020", "021", "022", "023", "024", "025", "027", "028", "029"))

_DATE = re.compile(r"(?:19|20)\d{2}[-/.]\d{1,2}[-/.]\d{1,2}")
_CANDIDATE = re.compile(r"(?<![\d.A-Za-z])\+?\(?\d(?:[ \-—–()]{0,2}\d){5,}(?![\dA-Za-z]|\.\d)")
_CALLING = re.compile(
    r"(?:电话|热线|手机号?码?|致电|拨打|来电|联系方式|联系|号码|专线|[Tt][Ee][Ll])[^\d。！!？?；;，,\n]{0,10}$"
)
_AMOUNT = re.compile(r"\s*(?:元|块|米|平|㎡|毫米|厘米|mm|cm|m\b|%|折|件|套|名|位|人|年|月|分|号(?:楼|展|铺|柜))")
_TIME = re.compile(r"^\d{1,2}:?\d{2}\s*[-—–]\s*\d{1,2}:?\d{2}$")

Reason = tuple[str, str]


def phone_remarks(source: str) -> Iterator[Remark]:
    """Remarks on numbers that are meant to be dialled and can't be right."""
    text = folded(source)
    text = _DATE.sub(lambda match: "/" * len(match[0]), text)
    for match in _CANDIDATE.finditer(text):
        written = match[0]
        if _AMOUNT.match(text, match.end()) or _TIME.match(written):
            continue
        digits = re.sub(r"\D", "", written)
        if written.startswith("+86") or (len(digits) == 13 and digits.startswith("861")):
            digits = digits.removeprefix("86")
        called = _CALLING.search(text, 0, match.start()) is not None
        if not called and not _looks_dialled(digits):
            continue
        if (reason := wrong_number(digits)) is not None:
            yield remark("phone", "serious", source, match.span(), reason=reason[0], reason_en=reason[1])


def _looks_dialled(digits: str) -> bool:
    """Whether a number without a word beside it can hardly be anything else."""
    return (
        (len(digits) == 11 and digits[0] == "1" and digits[1] != "0")
        or (digits.startswith(("400", "800")) and 9 <= len(digits) <= 11)
        or (digits[0] == "0" and 9 <= len(digits) <= 13)
    )


def wrong_number(digits: str) -> Reason | None:
    """What is wrong with the digits of a number to dial, in Chinese and English; None where nothing is."""
    if digits.startswith(("400", "800")) and len(digits) > 8:
        return _wants(digits, (10,), f"{digits[:3]} 号码", f"a {digits[:3]} number")
    if digits[0] == "0":
        return _wrong_landline(digits)
    if digits[0] == "1" and len(digits) >= 9:
        if len(digits) != 11:
            return _wants(digits, (11,), "手机号", "a mobile number")
        if digits[:3] not in _MOBILE:
            return f"没有 {digits[:3]} 开头的手机号", f"no mobile number begins with {digits[:3]}"
        return None
    if len(digits) > 8:
        return f"{len(digits)} 位,不像电话号码", f"{len(digits)} digits are no telephone number"
    # Short service numbers, extensions, and local numbers of seven or eight digits.
    return None


def _wrong_landline(digits: str) -> Reason | None:
    lengths: tuple[int, ...]
    if digits[:2] in ("01", "02"):
        if digits[:3] not in _CITY_3:
            return f"没有 {digits[:3]} 这个区号", f"there is no area code {digits[:3]}"
        area, lengths = digits[:3], (8,)
    else:
        area, lengths = digits[:4], (7, 8)
        if digits[1] == "0":
            return f"没有 {area} 这个区号", f"there is no area code {area}"
    local = digits[len(area) :]
    return _wants(local, lengths, f"区号 {area} 后面", f"the number behind area code {area}")


def _wants(digits: str, lengths: tuple[int, ...], what: str, what_en: str) -> Reason | None:
    if len(digits) in lengths:
        return None
    wanted, wanted_en = "或".join(map(str, lengths)), " or ".join(map(str, lengths))
    return (
        f"{what}应有 {wanted} 位,写了 {len(digits)} 位",
        f"{what_en} has {wanted_en} digits, not {len(digits)}",
    )
