"""Dates and local times as people type them on the command line."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from broadcaster.errors import UsageError

_YEARS = range(1900, 2200)
"""Outside of these no calendar is known, and instants may not exist."""


def _in_reach(day: date) -> date:
    if day.year not in _YEARS:
        raise ValueError(f"{day} is too far away")
    return day


def parse_date(text: str) -> date:
    """``2026-11-28``. Raises ``UsageError``."""
    try:
        return _in_reach(date.fromisoformat(text.strip()))
    except ValueError:
        raise UsageError(f"“{text}”不是日期,写成 2026-11-28 / not a date; write 2026-11-28") from None


def local_instant(text: str, tz: ZoneInfo, today: date | None = None) -> datetime:
    """``2026-11-28T09:42:10``, with a space instead of the T, or a time alone for ``today``. Raises ``UsageError``.

    Local time of the store, unless it says an offset itself. An hour that comes twice means its first coming.
    """
    wanted = text.strip().replace(" ", "T", 1)
    try:
        if today is not None and re.fullmatch(r"\d{1,2}:\d{2}(:\d{2})?", wanted):
            moment = datetime.combine(today, time.fromisoformat(wanted if wanted[2] == ":" else f"0{wanted}"))
        else:
            moment = datetime.fromisoformat(wanted)
        _in_reach(moment.date())
    except ValueError:
        raise UsageError(f"“{text}”不是时间,写成 2026-11-28T09:42:10 / not a time; write 2026-11-28T09:42:10") from None
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    instant = moment.replace(tzinfo=tz).astimezone(UTC)
    if instant.astimezone(tz).replace(tzinfo=None) != moment:
        raise UsageError(f"“{text}”这一刻不存在(夏令时)/ that local time does not exist (clocks go forward)")
    return instant
