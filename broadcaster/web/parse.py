"""Dates and times in addresses."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from broadcaster.errors import UsageError

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?")
#: Far enough for every plan and log; beyond, calendar arithmetic meets the ends of ``datetime``.
YEARS = range(1970, 2200)
LARGEST = 1e6


def parse_day(text: str) -> date:
    """A date as YYYY-MM-DD. Raises ``UsageError`` with the text."""
    try:
        day = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None or day.year not in YEARS:
        raise UsageError(f"{text!r} is not a date: write YYYY-MM-DD, for instance 2026-11-28")
    return day


def parse_local_time(text: str, zone: ZoneInfo, today: date) -> datetime:
    """An aware instant from local time: ``2026-11-28T09:42:00``, or ``09:42`` for today.

    With an offset it is taken as written; of a repeated hour the first is meant. Raises ``UsageError`` with the
    text if it is no time, or a time that the zone skips on that date.
    """
    written = text
    if _TIME.fullmatch(text):
        written = f"{today.isoformat()}T{text.zfill(8 if text.count(':') == 2 else 5)}"
    try:
        when = datetime.fromisoformat(written)
    except ValueError as error:
        raise UsageError(
            f"{text!r} is not a time: write YYYY-MM-DDTHH:MM:SS, for instance 2026-11-28T09:42:00"
        ) from error
    if when.year not in YEARS:
        raise UsageError(f"{text!r} is out of range: years from {YEARS[0]} to {YEARS[-1]}")
    if when.tzinfo is not None:
        return when.astimezone(zone)
    local = when.replace(tzinfo=zone)
    if local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != when:
        raise UsageError(f"{text!r} does not exist: clocks in {zone.key} are put forward over it")
    return local


def whole(text: str) -> int:
    """A whole number after a question mark, for ``type=``. Raises ``ValueError`` beyond what every database holds."""
    number = int(text)
    if abs(number) > 2**53:
        raise ValueError(f"{text!r} is out of range")
    return number


def parse_number(text: str) -> float:
    """A number of a form. Raises ``UsageError`` with the text if it is none, or too large for anything here."""
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not abs(found) < LARGEST:
        raise UsageError(f"{text!r} 不是数字 / is no number")
    return found
