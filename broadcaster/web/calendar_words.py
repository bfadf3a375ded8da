"""Words and letters of the calendar: no colour stands alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from broadcaster.web.i18n import gettext as _
from broadcaster.web.i18n import language
from broadcaster.web.notice_words import label_of

if TYPE_CHECKING:
    from broadcaster.rooms.calendar_room import CalendarDay, DayKind, OneOffs

_RELATIVE = re.compile(r"(open|close)(?:\s*([+-])\s*(\d+(?:\.\d+)?)\s*(min|s|h))?")

#: Chinese and English.
LETTERS = {
    "weekday": ("", ""),
    "weekend": ("休", "W"),
    "holiday": ("节", "H"),
    "make-up-workday": ("班", "M"),
    "event": ("活", "E"),
}


def kind_letter(kind: DayKind | None) -> str:
    """One letter for a kind of day, in the request's language; none for an ordinary weekday."""
    if kind is None:
        return "?"
    known = LETTERS.get(kind.id)
    if known is not None:
        return known[language() == "en"]
    return label_of(kind.title)[:1].upper()


def weekday_words(on: date) -> str:
    """``Monday``."""
    return (
        _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"),
    )[on.weekday()]  # fmt: skip


def hours_words(day: CalendarDay) -> str:
    """``09:30–18:00``."""
    return f"{day.open}–{day.close}"


def moment_words(text: str) -> str:
    """``close - 5 min`` as people say it; a time of day as it is."""
    found = _RELATIVE.fullmatch(text.strip())
    if found is None:
        return text
    anchor, sign, number, unit = found.groups()
    if not sign:
        return _("at opening") if anchor == "open" else _("at closing")
    length = {"s": _("%(n)s s"), "h": _("%(n)s h")}.get(unit, _("%(n)s min")) % {"n": number}
    before = sign == "-"
    if anchor == "open":
        return (_("%(length)s before opening") if before else _("%(length)s after opening")) % {"length": length}
    return (_("%(length)s before closing") if before else _("%(length)s after closing")) % {"length": length}


def one_off_lines(day: CalendarDay, known: OneOffs) -> Iterator[str]:
    """What is set for a date alone besides its type and hours: each spot and daypart, and what it does instead."""
    if day.entry is None:
        return
    titles = {one.id: label_of(one.title) for one in (*known.spots, *known.dayparts)}
    for name, spot in day.entry.spots.items():
        instead = _("left out") if spot.skip else "、".join(moment_words(str(moment)) for moment in spot.at)
        yield f"{titles.get(name, name)}{_(': ')}{instead}"
    for name, part in day.entry.dayparts.items():
        ends = "–".join(moment_words(str(end)) if end is not None else "…" for end in (part.start, part.end))
        others = [ends] if part.start is not None or part.end is not None else []
        others += [_("silence as planned") if part.bed == "silence" else part.bed.playlist] if part.bed else []
        others += [text for text in (part.level, f"{part.dial:g}" if part.dial is not None else None) if text]
        yield f"{titles.get(name, name)}{_(': ')}{' · '.join(others)}"
