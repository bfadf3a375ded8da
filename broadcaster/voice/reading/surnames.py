"""People's names: a surname in front of a title is read as a surname (单女士, Shàn)."""

from __future__ import annotations

import re
from functools import lru_cache

from broadcaster.voice.reading.tables import surnames

_TITLES = (
    "先生", "女士", "小姐", "小朋友", "师傅", "老师", "太太", "阿姨", "大爷", "大妈", "奶奶", "爷爷",
    "叔叔", "同学", "同志", "经理", "店长", "主任", "主管", "主播", "医生", "大夫", "律师", "警官",
    "队长", "班长", "组长", "部长", "总监", "总", "董", "老板", "教授", "导购", "助理", "会计",
    "工程师", "宝宝", "女生", "男生", "老人", "老先生", "老太太", "车主", "家长",
)  # fmt: skip
_WARY = frozenset({"总", "董", "导购", "老人", "女生", "男生", "家长", "车主", "会计", "老板"})
"""Words that other words go on with, so that only a one-character surname right before them counts."""
_STRICT = frozenset("区员相句占折黑强应适召那宁石秘洗祭撒种")
"""Surnames that mostly are something else: only where a name is announced (请, 的, 顾客), or at the very start."""
_NOT_AFTER = frozenset("0123456789楼区号层馆座栋幢室厅台门组社街路园校务清订导购专会职店保人动演官队球成")
"""What makes a word with the next character rather than ends before a name (服务区, 清单, 导购员)."""
_BEFORE = re.compile(
    r"(?:请|找|寻|人|叫|唤|由|是|姓|名|的|客|主|致|给|向|和|、|与|让|跟|有|对|位|家|员|友|士|生|姐|为|,|，|：|:|「|“)$"
)


def surname_readings(run: str) -> dict[int, str]:
    """Places in a run of hanzi where a surname stands before a title, with the surname's syllables.

    A surname, up to two characters of a given name, then a title. ``run`` may be a longer text with punctuation.
    """
    found: dict[int, str] = {}
    end = 0
    for match in _pattern().finditer(run):
        if match.start() < end or not _is_name(run[: match.start()], match["name"], match["given"], match["title"]):
            continue
        end = match.end("title")
        for offset, syllable in enumerate(surnames()[match["name"]]):
            found[match.start() + offset] = syllable
    return found


def _is_name(before: str, name: str, given: str, title: str) -> bool:
    announced = not before or _BEFORE.search(before) is not None
    if given and (title in _WARY or not announced):
        return False
    if announced or name in _STRICT:
        return announced
    return before[-1] not in _NOT_AFTER or _place_before(before)


def _place_before(before: str) -> bool:
    """``三号楼解经理``: a place with its number ends there, and a name of a person follows."""
    return re.search(r"[A-Za-z零一二三四五六七八九十\d][号]?[楼层馆座栋幢室厅区]$", before) is not None


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    names = "|".join(sorted(surnames(), key=len, reverse=True))
    titles = "|".join(sorted(_TITLES, key=len, reverse=True))
    return re.compile(f"(?=(?P<name>{names})(?P<given>[\u4e00-\u9fff]{{0,2}}?)(?P<title>{titles}))")
