"""Words and letters of the calendar: no colour stands alone."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from broadcaster.web.i18n import gettext as _
from broadcaster.web.i18n import language
from broadcaster.web.notice_words import label_of

if TYPE_CHECKING:
    from broadcaster.calendar_room import CalendarDay, DayKind

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
