"""The page's words for the contract's codes, in the request's language; an unknown code is shown as it is."""

from __future__ import annotations

import math
import unicodedata
from datetime import datetime, timedelta

from broadcaster.web.i18n import gettext as _
from broadcaster.web.i18n import language
from broadcaster.web.view import current_zone


def state_word(state: str) -> str:
    """What became of a spot; see :mod:`broadcaster.web.timeline` for the states."""
    return {
        "planned": _("To come"),
        "airing": _("On air"),
        "aired": _("Aired"),
        "partial": _("Aired in part"),
        "skipped": _("Skipped"),
        "failed": _("Failed"),
        "unrecorded": _("No record"),
    }.get(state, state)


def kind_word(kind: str) -> str:
    """What kind of thing is on air, or comes."""
    return {
        "spot": _("Spot"),
        "segment": _("Daypart"),
        "script": _("Script"),
        "notice": _("Notice"),
        "bed": _("Music"),
        "weather": _("Weather"),
        "recording": _("Recording"),
        "emergency": _("Emergency"),
        "live": _("Live page"),
    }.get(kind, kind)


def day_type_word(day_type: str) -> str:
    """What kind of day it is."""
    return {
        "weekday": _("Weekday"),
        "weekend": _("Weekend"),
        "event": _("Event day"),
        "holiday": _("Holiday"),
        "make-up-workday": _("Make-up workday"),
    }.get(day_type, day_type)


def instant(value: str | datetime) -> datetime:
    """An ISO 8601 instant, in the station's zone."""
    return (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(current_zone())


def clock(value: str | datetime, seconds: bool = True) -> str:
    """``09:42:00`` or ``09:42``, by the station's wall clock."""
    return f"{instant(value):{'%H:%M:%S' if seconds else '%H:%M'}}"


def clock_short(value: str | datetime) -> str:
    """``09:42``; seconds only where there are any."""
    return clock(value, seconds=instant(value).second != 0)


def date_clock(value: str | datetime) -> str:
    """``2026-11-28 09:42``, by the station's wall clock."""
    return f"{instant(value):%Y-%m-%d %H:%M}"


def length(seconds: float | timedelta) -> str:
    """``0:48`` or ``1:25:00``. Rounded up, so that a countdown shows zero only when the time is over."""
    total = seconds.total_seconds() if isinstance(seconds, timedelta) else seconds
    minutes, rest = divmod(math.ceil(max(0.0, total)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def gain(gain_db: float) -> str:
    """``−2.5 dB``, with a true minus sign."""
    return f"{gain_db:+.1f} dB".replace("-", "\u2212")


def number(value: float) -> str:
    """A number without needless zeros: ``22.5``, ``24``."""
    return f"{value:g}"


def width(text: str) -> int:
    """About how many pixels a label of the timeline takes: East Asian characters are twice as wide as Latin ones."""
    return 10 + sum(13 if unicodedata.east_asian_width(char) in "WF" else 7 for char in text)


def said(text: object) -> str:
    """The part of ``中文 / English`` in the request's language; a text that is not written so stays as it is."""
    whole = str(text or "")
    parts = whole.split(" / ")
    for cut in range(1, len(parts)):
        zh, en = " / ".join(parts[:cut]), " / ".join(parts[cut:])
        # Names in the English part may be Chinese: what matters is which script the sentence is in.
        # A cut within brackets is one of something quoted, which may be in both languages itself.
        if not _whole(zh):
            continue
        if _chinese(zh) >= 2 and any(char.isascii() and char.isalpha() for char in en) and _chinese(en) * 3 < len(en):
            return en if language() == "en" else zh
    return whole


def _whole(text: str) -> bool:
    return all(text.count(opens) == text.count(closes) for opens, closes in ("()", "（）", "“”"))


def _chinese(text: str) -> int:
    return sum(unicodedata.east_asian_width(char) in "WF" for char in text)
