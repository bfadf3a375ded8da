"""What the calendar's form asks to change about some dates."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from broadcaster.editing.models import DayMark
from broadcaster.errors import UsageError
from broadcaster.web.parse import parse_day

MOST_DATES = 62
"""At once."""
LATER = ("15", "30", "60", "120", "-30", "-60")
"""Minutes that closing may be put off by, as the form offers them; negative is earlier."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The dates, and what to change about each of them."""

    dates: tuple[date, ...]
    mark: DayMark


def dates_of(first: str, last: str) -> tuple[date, ...]:
    """All dates from the first to the last, which may be left out. Raises ``UsageError`` for too many, or backwards."""
    begin = parse_day(first)
    end = parse_day(last) if last else begin
    count = (end - begin).days + 1
    if not 1 <= count <= MOST_DATES:
        raise UsageError(
            f"{begin} 至 {end} 不行:先早后晚,一次最多 {MOST_DATES} 天 / "
            f"{begin} to {end}: the earlier date first, at most {MOST_DATES} at once"
        )
    return tuple(begin + timedelta(days=number) for number in range(count))


def asked_by(form: Mapping[str, str], kinds: Sequence[str], by: str) -> Asked:
    """What a filled form asks for. Raises ``UsageError`` for a date or time that is none."""
    dates = dates_of(form.get("first", ""), form.get("last", ""))
    closing = form.get("closing", "")
    later = int(closing) if closing in LATER else None
    mark = DayMark(
        add=tuple(kind for kind in kinds if form.get(f"type-{kind}") == "yes"),
        remove=tuple(kind for kind in kinds if form.get(f"type-{kind}") == "no"),
        open=form.get("open", "").strip() or None,
        close=(form.get("close", "").strip() or None) if closing in ("", "at") else None,
        later_min=later,
        usual_hours=closing == "usual",
        clear=form.get("deed") == "clear",
        note=form.get("note", "").strip()[:80],
        by=by,
        # What is set for one date alone is for one date.
        spots=_spots(form) if len(dates) == 1 else {},
        dayparts=_dayparts(form) if len(dates) == 1 else {},
    )
    if not mark:
        raise UsageError("还没有选要改什么 / nothing to change was chosen")
    return Asked(dates, mark)


def _spots(form: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, choice in form.items():
        if not name.startswith("spot-") or not choice:
            continue
        rule = name.removeprefix("spot-")
        if choice == "at":
            times = re.split(r"[,,、\s]+", form.get(f"times-{rule}", "").strip())
            times = [text for text in times if text]
            if not times:
                raise UsageError(f"{rule}:改到几点? / at what time?")
            found[rule] = times[0] if len(times) == 1 else {"at": times}
        else:
            found[rule] = "skip" if choice == "skip" else None
    return found


def _dayparts(form: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, choice in form.items():
        if not name.startswith("part-") or not choice:
            continue
        part = name.removeprefix("part-")
        ends = {key: form.get(f"{key}-{part}", "").strip() for key in ("from", "to")}
        if choice == "at":
            given = {key: text for key, text in ends.items() if text}
            if not given:
                raise UsageError(f"{part}:改到几点? / at what time?")
            found[part] = given
        else:
            found[part] = {"bed": "silence"} if choice == "silence" else None
    return found
