"""Marks a date in ``config/calendar.yaml``: the file's comments and order stay as they are."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from broadcaster.plan.files import new_yaml

CALENDAR = "config/calendar.yaml"


@dataclass(frozen=True, slots=True)
class DayMark:
    """What to change about a date."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    close: str | None = None
    """``HH:MM``."""
    clear: bool = False
    """Forget all that was set for the date before."""
    note: str = ""
    by: str = ""

    def __bool__(self) -> bool:
        return bool(self.add or self.remove or self.close or self.clear)


def marked(text: str, on: date, mark: DayMark, natural: frozenset[str] = frozenset()) -> str:
    """The calendar's text with the mark in it.

    ``natural`` are the types that the date has by itself: only those need a word to be taken away.
    """
    yaml = new_yaml()
    yaml.width = 1 << 20  # A long line stays one line.
    head = "\ufeff" if text.startswith("\ufeff") else ""
    end = "\r\n" if "\r\n" in text else "\n"
    data = yaml.load(text.removeprefix(head).replace("\r\n", "\n"))
    yaml.map_indent = _indentation(data)
    dates = data.get("dates")
    if not isinstance(dates, CommentedMap):
        data["dates"] = dates = CommentedMap()
    dates.fa.set_block_style()
    key: Any = next((known for known in dates if str(known) == on.isoformat()), on)
    entry = dates.get(key)
    if mark.clear or not isinstance(entry, CommentedMap):
        entry = CommentedMap()
    _set_types(entry, "add", (set(_types(entry, "add")) | set(mark.add) - natural) - set(mark.remove))
    _set_types(entry, "remove", (set(_types(entry, "remove")) | set(mark.remove) & natural) - set(mark.add))
    if mark.close is not None:
        entry.pop("close_later", None)
        entry["close"] = DoubleQuotedScalarString(mark.close)
    for name, value in (("note", mark.note), ("by", mark.by)):
        if value and entry:
            entry[name] = value
    entry.fa.set_flow_style()
    if entry.keys() - {"note", "by"}:
        dates[key] = entry
    else:
        dates.pop(key, None)
    if not dates:
        dates.fa.set_flow_style()
    out = io.StringIO()
    yaml.dump(data, out)
    written = out.getvalue() if text.endswith("\n") else out.getvalue().removesuffix("\n")
    return head + written.replace("\n", end)


def _indentation(data: CommentedMap) -> int:
    """By how many columns the file's hand indents."""
    blocks = (value for value in data.values() if isinstance(value, CommentedMap) and not value.fa.flow_style())
    return next((int(block.lc.col) for block in blocks if block.lc.col), 2)


def _types(entry: CommentedMap, name: str) -> list[str]:
    value = entry.get(name, [])
    return [value] if isinstance(value, str) else list(value)


def _set_types(entry: CommentedMap, name: str, types: Iterable[str]) -> None:
    names = sorted(types)
    if names:
        entry[name] = CommentedSeq(names)
        entry[name].fa.set_flow_style()
    else:
        entry.pop(name, None)
