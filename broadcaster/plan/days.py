"""Marks a date in ``config/calendar.yaml``: every byte of the file but the date's own entry stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from broadcaster.plan.splice import content_of, spliced

CALENDAR = "config/calendar.yaml"


@dataclass(frozen=True, slots=True)
class DayMark:
    """What to change about a date. Times of day as ``HH:MM``."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    close: str | None = None
    clear: bool = False
    """Forget all that was set for the date before."""
    note: str = ""
    by: str = ""
    open: str | None = None
    later_min: int | None = None
    """Close so many minutes later than the date would by now; negative: earlier. Stands instead of ``close``."""
    usual_hours: bool = False
    """Forget the hours set for the date."""
    spots: Mapping[str, Any] = field(default_factory=dict)
    """Rule -> ``"skip"``, ``"10:10"`` or ``{"at": [...]}`` for this date only; None forgets what was set."""
    dayparts: Mapping[str, Any] = field(default_factory=dict)
    """Daypart -> ``{"from":, "to":, "bed":, "level":, "dial":}`` for this date only; None forgets what was set."""

    def __bool__(self) -> bool:
        return bool(
            self.add or self.remove or self.close or self.clear or self.open or self.later_min or self.usual_hours
            or self.spots or self.dayparts
        )  # fmt: skip


def marked(text: str, on: date, mark: DayMark, natural: frozenset[str] = frozenset()) -> str:
    """The calendar's text with the mark in it.

    ``natural`` are the types that the date has by itself: only those need a word to be taken away. ``later_min`` must
    have been made a ``close`` by then. ``UsageError`` if the file can't be changed so.
    """
    dates = content_of(text, CALENDAR).get("dates")
    name = on.isoformat()
    found = dates.get(name) if isinstance(dates, dict) else None
    entry = entry_with(found if isinstance(found, dict) else {}, mark, natural)
    if entry:
        return spliced(text, CALENDAR, "set", ("dates", name), entry)
    if isinstance(dates, dict) and name in dates:
        return spliced(text, CALENDAR, "remove", ("dates", name))
    return text if isinstance(dates, dict) else spliced(text, CALENDAR, "set", ("dates",), {})


def entry_with(before: Mapping[str, Any], mark: DayMark, natural: frozenset[str]) -> dict[str, Any]:
    """A date's entry with the mark in it; empty if nothing but a note is left."""
    entry = {} if mark.clear else dict(before)
    _set_types(entry, "add", (_types(entry, "add") | set(mark.add) - natural) - set(mark.remove))
    _set_types(entry, "remove", (_types(entry, "remove") | set(mark.remove) & natural) - set(mark.add))
    if mark.usual_hours:
        for word in ("open", "close", "close_later"):
            entry.pop(word, None)
    if mark.open is not None:
        entry["open"] = mark.open
    if mark.close is not None:
        entry.pop("close_later", None)
        entry["close"] = mark.close
    for group, told in (("spots", mark.spots), ("dayparts", mark.dayparts)):
        kept = {name: value for name, value in {**(entry.get(group) or {}), **told}.items() if value is not None}
        if kept:
            entry[group] = kept
        else:
            entry.pop(group, None)
    if not entry.keys() - {"note", "by"}:
        return {}
    return entry | {name: value for name, value in (("note", mark.note), ("by", mark.by)) if value}


def _types(entry: Mapping[str, Any], name: str) -> set[str]:
    value = entry.get(name) or []
    return {value} if isinstance(value, str) else {str(one) for one in value}


def _set_types(entry: dict[str, Any], name: str, types: set[str]) -> None:
    if not types:
        entry.pop(name, None)
    elif types != _types(entry, name):
        entry[name] = sorted(types)
