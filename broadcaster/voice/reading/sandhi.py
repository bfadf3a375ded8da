"""The tone of 一 and 不 before what follows, and 儿 where it is only a colouring.

The third tone before another third is left as written: the voice was trained on written tones, and a recogniser
found no clear difference.
"""

from __future__ import annotations

_DIGITS = frozenset("零〇一二三四五六七八九十百千万亿两幺")
_ORDINAL_BEFORE = frozenset("第初周期十百零〇点幺之") | _DIGITS
_ORDINAL_AFTER = frozenset("楼层号月日期区馆座栋室幢厅")
_LARGE = frozenset("百千万亿")
_SOUNDED_ER = (
    "儿童",
    "女儿",
    "婴儿",
    "幼儿",
    "儿子",
    "儿歌",
    "孤儿",
    "儿科",
    "胎儿",
    "儿女",
    "新生儿",
    "育儿",
    "托儿",
    "少儿",
)


def with_sandhi(hanzi: str, syllables: list[str], fixed: set[int]) -> list[str]:
    """The syllables of a run of hanzi as they are spoken together; places in ``fixed`` stay."""
    spoken = list(syllables)
    for place, character in enumerate(hanzi):
        if place in fixed:
            continue
        after = syllables[place + 1][-1:] if place + 1 < len(hanzi) else ""
        if character == "不":
            spoken[place] = "bu2" if after == "4" else "bu4"
        elif character == "一":
            spoken[place] = _one(hanzi, place, after)
        elif character == "儿" and place and not _sounded(hanzi, place):
            spoken[place] = "er5"
    return spoken


def _one(hanzi: str, place: int, after: str) -> str:
    """一 keeps its tone in ordinals, digits and at the end; else it is second before a fourth, and fourth."""
    before, next_ = hanzi[place - 1 : place], hanzi[place + 1 : place + 2]
    if not after or before in _ORDINAL_BEFORE or next_ in _ORDINAL_AFTER or (next_ in _DIGITS and next_ not in _LARGE):
        return "yi1"
    if before and before == next_:
        return "yi5"
    return "yi2" if after in "45" and next_ != "起" else "yi4"


def _sounded(hanzi: str, place: int) -> bool:
    """儿 as a syllable of its own: 儿童, 女儿."""
    return any(hanzi[max(0, place - word.index("儿")) :].startswith(word) for word in _SOUNDED_ER)
