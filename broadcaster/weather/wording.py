"""Which words a forecast may say, whatever the weather will be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from types import CodeType, FunctionType

from broadcaster.weather import sentence
from broadcaster.weather.skies import SKIES

_HANZI = re.compile("[\u4e00-\u9fff]")
#: Degrees, forces and dates are numbers, however they are written; the voice reads ``℃`` so.
_NUMBERS = re.compile(r"[0-9零〇一二三四五六七八九十百两]+[度级日月]?|(?:摄氏)?度|℃|级")
_WINDS = tuple(f"{name}风" for name in ("东", "南", "西", "北", "东南", "东北", "西南", "西北"))


def says_of_weather(word: str, place: str = "") -> bool:
    """Whether a forecast of a place may hold the word: a part of its wording, a sky, a wind, or a number."""
    if _NUMBERS.search(word) and not _HANZI.search(_NUMBERS.sub("", word)):
        return True
    parts = (place, *_WINDS, *(sky.zh for sky in SKIES.values()))
    return any(word in text for text in (*_texts(), *parts)) or any(part in word for part in parts if len(part) > 1)


@cache
def _texts() -> tuple[str, ...]:
    """All literal texts that sentences are made of: taken from the code, so that new advice can't be forgotten here."""
    found = [sky.zh for sky in SKIES.values()]
    for value in vars(sentence).values():
        if isinstance(value, FunctionType) and value.__module__ == sentence.__name__:
            found += _literals(value.__code__)
        elif isinstance(value, dict | tuple):
            found += _strings(value)
    return tuple(dict.fromkeys(text for text in found if _HANZI.search(text)))


def _literals(code: CodeType) -> Iterator[str]:
    for value in code.co_consts:
        if isinstance(value, CodeType):
            yield from _literals(value)
        else:
            yield from _strings(value)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _strings((*value, *value.values()))
    elif isinstance(value, tuple | list | frozenset):
        for one in value:
            yield from _strings(one)
