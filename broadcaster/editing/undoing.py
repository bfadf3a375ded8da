"""A version taken back: its files as they were before, or only its entries where others changed the file since."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from broadcaster.editing.applying import Texts, Unit, label, units
from broadcaster.errors import UsageError
from broadcaster.plan.splice import content_of, spliced


def taken_back(
    files: tuple[str, ...], before: Mapping[str, str], then: Mapping[str, str],
    now: Mapping[str, str],
) -> tuple[Texts, list[str]]:  # fmt: skip
    """The texts with the step from ``before`` to ``then`` undone in ``files``, and what others touched since."""
    fresh: Texts = {}
    clashes: list[str] = []
    for file in files:
        if now.get(file) == then.get(file):
            fresh[file] = before.get(file)
        elif now.get(file) == before.get(file):
            continue
        elif file in before and file in then and file in now:
            try:
                text, clash = _entries_back(file, before[file], then[file], now[file])
            except UsageError:
                text, clash = now[file], [file]
            fresh[file] = text
            clashes += clash
        else:
            clashes.append(file)
    return {file: text for file, text in fresh.items() if text != now.get(file)}, clashes


def _entries_back(file: str, before: str, then: str, now: str) -> tuple[str, list[str]]:
    contents = [content_of(text, file) for text in (before, then, now)]
    old, mid, new = (units(file, content) for content in contents)
    changed = [unit for unit in {**old, **mid} if old.get(unit) != mid.get(unit) or (unit in old) != (unit in mid)]
    clashes = [
        label(file, unit) for unit in changed if mid.get(unit) != new.get(unit) or (unit in mid) != (unit in new)
    ]
    if clashes or () in changed:
        return now, clashes or [file]
    for unit in changed:
        content = content_of(now, file)
        now = _one_back(file, now, content, unit, contents[0], old)
    return now, []


def _one_back(file: str, text: str, content: Any, unit: Unit, before: Any, old: Mapping[Unit, Any]) -> str:
    if len(unit) < 3:
        if unit in old:
            return spliced(text, file, "set", unit, old[unit])
        return spliced(text, file, "remove", unit)
    group = str(unit[0])
    here, there = _units_of(file, content, group), _units_of(file, before, group)
    if unit not in old:
        return spliced(text, file, "remove", (group, here.index(unit)))
    if unit in here:
        return spliced(text, file, "set", (group, here.index(unit)), old[unit])
    at = there.index(unit)
    above = next((one for one in reversed(there[:at]) if one in here), None)
    return spliced(text, file, "insert", (group, here.index(above) + 1 if above else 0), old[unit])


def _units_of(file: str, content: Any, group: str) -> list[Unit]:
    return [unit for unit in units(file, content) if unit[0] == group]
