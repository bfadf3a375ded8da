"""Telephone numbers, extensions, codes and licence plates: digit by digit, 1 as 幺.

A telephone number is said in the groups in which people write it down (3-4-4, 4-4), with a pause between.
"""

from __future__ import annotations

import re

from broadcaster.voice.reading.numbers import one_by_one
from broadcaster.voice.reading.rule import Rule, rule

_SEP = r"[-—.· ]?"
_EXTENSION = r"(?:\s*(?:-|—|转|ext\.?|分机)\s*(\d{1,6})(?!\d))?"
_END = r"(?![\d%])(?!\.\d)"
_BEGIN = r"(?<![\d.¥$])"
_LABEL = (
    r"(?:电话|热线|拨打|致电|拨|客服|总机|总台|分机|内线|手机|咨询|传真|短号|邮编|[Tt][Ee][Ll]\.?|QQ群?|微信|尾号|工号|编号|单号|卡号"
    r"|票号|密码|验证码|号码|群号|房号|座号|车号|取件码|序列号|会员号|中奖号|幸运号|投诉|报警|急救|火警|回电|致电|账号)"
    r"[号码]?\s*(?:为|是|有)?\s*[:：]?\s*"
)
_NO_COUNT = "(?![元块楼层名位人号栋折天个件年月日款套万分小米级折种轮场秒])"
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"

_GROUPS: dict[int, tuple[int, ...]] = {11: (3, 4, 4), 10: (3, 3, 4), 8: (4, 4), 7: (3, 4)}


def grouped(digits: str) -> str:
    """The usual groups: 138 1234 5678, 8765 4321, 876 5432; others stay whole."""
    whole = (len(digits),)
    sizes = whole if len(digits) == 11 and digits[0] != "1" else _GROUPS.get(len(digits), whole)
    words, at = [], 0
    for size in sizes:
        words.append(one_by_one(digits[at : at + size], yao=True))
        at += size
    return "，".join(words)


def _with_extension(number: str, extension: str | None) -> str:
    return f"{number}转{one_by_one(extension, yao=True)}" if extension else number


def _mobile(match: re.Match[str]) -> str:
    return grouped(re.sub(r"\D", "", match[1]))


def _landline(match: re.Match[str]) -> str:
    area = one_by_one(match[1], yao=True)
    return _with_extension(f"{area}，{grouped(re.sub(r'[^0-9]', '', match[2]))}", match[3])


def _abroad(match: re.Match[str]) -> str:
    """+86-571-88886666, as business cards write it."""
    return f"{one_by_one('0' + match[1], yao=True)}，{grouped(re.sub(r'[^0-9]', '', match[2]))}"


def _service(match: re.Match[str]) -> str:
    """400 and 800 numbers keep the groups of the author: 400-820-8820, 4008-123-123."""
    groups = [group for group in re.split(r"\D", match[1]) if group]
    if len(groups) == 1:
        whole = groups[0]
        groups = [whole[:3], whole[3:6], whole[6:]]
    return _with_extension("，".join(one_by_one(group, yao=True) for group in groups), match[2])


def _local(match: re.Match[str]) -> str:
    return _with_extension(grouped(re.sub(r"\D", "", match[1])), match[2])


def _labelled(match: re.Match[str]) -> str:
    label = match[1].rstrip()
    letters = re.match("[A-Za-z]*", match[2])
    label += letters[0] if letters else ""
    groups = re.findall(r"\d+", match[2])
    number = grouped(groups[0]) if len(groups) == 1 else "，".join(one_by_one(group, yao=True) for group in groups)
    return f"{label.replace(':', '：')}{number}"


def _plate(match: re.Match[str]) -> str:
    rest = "".join(one_by_one(character, yao=True) or character for character in match[3])
    return f"{match[1]}{match[2].upper()}{rest.upper()}{match[4] or ''}"


PLATES: tuple[Rule, ...] = (
    rule(
        "plate",
        rf"([{_PROVINCES}])\s?([A-Za-z])[\s·.\-]*((?=[A-Za-z]*\d)[A-Za-z0-9]{{5,6}}|[A-Za-z0-9]{{4}}(?=[学警挂港澳]))([学警挂港澳])?(?![A-Za-z0-9])",
        _plate,
    ),
)

PHONES: tuple[Rule, ...] = (
    rule("phone", rf"{_BEGIN}\+?86[- ](10|2\d|[3-9]\d\d)[- ]([1-9]\d{{2,3}}{_SEP}\d{{4}}){_END}", _abroad),
    rule(
        "phone",
        rf"{_BEGIN}(1\d\d)[*xX]{{4}}(\d{{4}})(?!\d)",
        lambda m: f"{one_by_one(m[1], yao=True)}，{one_by_one(m[2], yao=True)}",
    ),
    rule("phone", rf"{_BEGIN}(?:\+?86[-\s]?)?(1[3-9]\d{_SEP}\d{{4}}{_SEP}\d{{4}}){_END}", _mobile),
    rule(
        "phone", rf"{_BEGIN}([48]00{_SEP}\d{{3,4}}{_SEP}\d{{3,4}}|[48]00\d-\d{{3}}-\d{{3}}){_EXTENSION}{_END}", _service
    ),
    rule(
        "phone",
        rf"{_BEGIN}\(?(0(?:10|2\d|[3-9]\d\d))\)?\s?{_SEP}\s?([1-9]\d{{2,3}}{_SEP}\d{{4}}){_EXTENSION}{_END}",
        _landline,
    ),
    rule(
        "extension",
        r"(?<=[转机])(\s*)(\d{2,6})(?!\d)(?![元楼层号个:%])",
        lambda m: one_by_one(m[2], yao=True),
    ),
    rule(
        "phone",
        rf"({_LABEL})((?:[A-Za-z_]+(?=\d\d))?\d{{2,}}(?:[- ]\d{{3,}})*)(?![\d:%])(?!\.\d)(?!,\d{{3}}){_NO_COUNT}",
        _labelled,
    ),
    rule(
        "phone",
        rf"{_BEGIN}([2-9]\d{{2,3}}-\d{{4}}){_EXTENSION}{_END}(?!-)(?!\s?(?:[年元块万余多平米个件份套名人张片款家斤克瓦升毫厘公a-zA-Z]))",
        _local,
        doubtful=True,
    ),
    rule(
        "hotline",
        r"(?<![\d.¥$,])(95\d{3}|96\d{3}|10086|10010|10000|123\d{2})(?=热线|客服|电话|专线|平台)",
        lambda m: one_by_one(m[0], yao=True),
    ),
    rule("hotline", r"(?<![\d.¥$,])(110|119|120|122)(?=报警|急救|火警|电话)", lambda m: one_by_one(m[0], yao=True)),
)
