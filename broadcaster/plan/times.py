"""Times of day and lengths of time as people write them in the plan.

``"09:20"``, ``"09:20:30"``, ``"open + 5 min"``, ``"close - 5 min"``, ``"24:00"`` are moments of a day;
``"90 s"``, ``"2.5 min"``, ``"1 h"`` and bare numbers (seconds) are durations.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, PlainSerializer
from pydantic_core import PydanticCustomError

DAY_S = 86_400

_CLOCK = re.compile(r"(?P<h>\d{1,2})[:：](?P<m>\d{2})(?:[:：](?P<s>\d{2}))?")
_ANCHOR = re.compile(
    r"(?P<anchor>open|close|开门|开业|打烊|关门)\s*(?:(?P<sign>[+\-−－＋])\s*(?P<length>.+))?", re.IGNORECASE
)
_LENGTH = re.compile(r"(?P<n>\d+(?:\.\d+)?)\s*(?P<unit>[a-z]+|秒|秒钟|分|分钟|小时)?", re.IGNORECASE)
_UNITS = {
    "s": 1, "sec": 1, "second": 1, "seconds": 1, "秒": 1, "秒钟": 1,
    "min": 60, "mins": 60, "minute": 60, "minutes": 60, "分": 60, "分钟": 60,
    "h": 3600, "hour": 3600, "hours": 3600, "小时": 3600,
}  # fmt: skip
_ANCHORS = {"开门": "open", "开业": "open", "打烊": "close", "关门": "close"}

Anchor = Literal["midnight", "open", "close"]


@dataclass(frozen=True, slots=True)
class Moment:
    """A time of day: ``seconds`` from midnight, or from the store's opening or closing (then it may be negative)."""

    anchor: Anchor
    seconds: int

    def on(self, open_s: int, close_s: int) -> int:
        """Seconds from midnight, local wall time, for a day with these hours."""
        if self.anchor == "midnight":
            return self.seconds
        return (open_s if self.anchor == "open" else close_s) + self.seconds

    def __str__(self) -> str:
        if self.anchor == "midnight":
            return clock_text(self.seconds)
        if not self.seconds:
            return self.anchor
        return f"{self.anchor} {'+' if self.seconds > 0 else '-'} {length_text(abs(self.seconds))}"


def clock_text(seconds: float) -> str:
    """``09:42`` or ``09:42:30`` for seconds from midnight."""
    minutes, rest = divmod(round(seconds), 60)
    text = f"{minutes // 60:02d}:{minutes % 60:02d}"
    return f"{text}:{rest:02d}" if rest else text


def length_text(seconds: float) -> str:
    """``5 min``, ``90 s`` for a length in seconds."""
    return f"{seconds / 60:g} min" if seconds >= 60 and seconds % 60 == 0 else f"{seconds:g} s"


def parse_length(value: Any) -> float:
    """Seconds in a written length; raises ``PydanticCustomError`` of type ``bad_length``."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = float(value)
    else:
        match = _LENGTH.fullmatch(str(value).strip())
        unit = match["unit"].lower() if match and match["unit"] else "s"
        if match is None or unit not in _UNITS:
            raise PydanticCustomError("bad_length", "not a length of time")
        seconds = float(match["n"]) * _UNITS[unit]
    if not 0 <= seconds <= DAY_S:
        raise PydanticCustomError("bad_length", "not a length of time")
    return seconds


def parse_moment(value: Any) -> Moment:
    """The moment that was written; raises ``PydanticCustomError`` of type ``bad_time``."""
    if isinstance(value, Moment):
        return value
    text = str(value).strip()
    if match := _CLOCK.fullmatch(text):
        hours, minutes, seconds = int(match["h"]), int(match["m"]), int(match["s"] or 0)
        total = hours * 3600 + minutes * 60 + seconds
        if minutes < 60 and seconds < 60 and total <= DAY_S:
            return Moment("midnight", total)
    elif match := _ANCHOR.fullmatch(text):
        word = match["anchor"].lower()
        anchor: Anchor = "open" if _ANCHORS.get(word, word) == "open" else "close"
        seconds = round(parse_length(match["length"])) if match["length"] else 0
        return Moment(anchor, -seconds if match["sign"] in ("-", "−", "－") else seconds)
    raise PydanticCustomError("bad_time", "not a time of day")


def is_clock(text: str) -> bool:
    """Whether a text is a fixed time of day."""
    try:
        return parse_moment(text).anchor == "midnight"
    except PydanticCustomError:
        return False


def _parse_clock(value: Any) -> int:
    moment = parse_moment(value)
    if moment.anchor != "midnight":
        raise PydanticCustomError("bad_clock", "not a fixed time of day")
    return moment.seconds


MomentField = Annotated[Moment, BeforeValidator(parse_moment), PlainSerializer(str)]
"""A moment as written in the plan."""

Length = Annotated[float, BeforeValidator(parse_length)]
"""Seconds, written as a length of time."""

ClockTime = Annotated[int, BeforeValidator(_parse_clock), PlainSerializer(clock_text)]
"""Seconds from midnight, written as a fixed time of day."""
