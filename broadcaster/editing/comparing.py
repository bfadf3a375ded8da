"""What differs between two versions of the plan's files: line by line, and entry by entry."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from broadcaster.editing.applying import label, units
from broadcaster.editing.models import EntryChange, FileChange, Path
from broadcaster.editing.texts import STATION
from broadcaster.errors import UsageError
from broadcaster.plan.splice import content_of, spliced_all

HIDDEN = "•••"
SECRETS = frozenset({"key", "password", "token", "secret"})
"""Names of entries that nobody is shown."""
_ADDRESSES = ("alerts",)
"""Of which part of the file every ``url`` is such an entry, too."""
_COMMENTED_ADDRESS = re.compile(r"\b([a-z][a-z0-9+.-]*://)[^\s\"']+", re.IGNORECASE)
_QUOTED = re.compile(r"(?i)\b(key|password|token|secret)\b(?P<mid>[\"']?\s*[:=]\s*)\S.*")
"""The same in a comment: an entry that was put out of use."""


def compared(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[FileChange, ...]:
    """Each file that differs. Keys of outside services are not shown."""
    differ = sorted(file for file in {*before, *after} if before.get(file) != after.get(file))
    return tuple(_change(file, before, after) for file in differ)


def _change(file: str, before: Mapping[str, str], after: Mapping[str, str]) -> FileChange:
    lines = _lines(file, before.get(file, ""), after.get(file, ""))
    return FileChange(file, tuple(lines), tuple(_entries(file, before, after)))


def _lines(file: str, old: str, new: str) -> Iterator[str]:
    a, b = (hidden(file, text).replace("\r\n", "\n").splitlines() for text in (old, new))
    for number, line in enumerate(difflib.unified_diff(a, b, lineterm="")):
        if number > 1:
            yield line


def hidden(file: str, text: str) -> str:
    """A text without keys of outside services, however they are written. Nothing of one that can't be understood."""
    if file != STATION or not text:
        return text
    try:
        content = content_of(text, file)
        masked = spliced_all(text, file, [("set", path, HIDDEN) for path in _secrets(content, ())])
    except UsageError:
        return f"{HIDDEN}\n"
    return "\n".join(_without_quoted(line) for line in masked.split("\n"))


def _without_quoted(line: str) -> str:
    head, mark, comment = line.partition("#")
    if not mark:
        return line
    comment = _QUOTED.sub(rf"\1\g<mid>{HIDDEN}", comment)
    return head + mark + _COMMENTED_ADDRESS.sub(rf"\1{HIDDEN}", comment)


def _secrets(value: Any, path: Path) -> Iterator[Path]:
    """Where secrets stand."""
    if isinstance(value, dict):
        for name, one in value.items():
            if one is not None and _is_secret((*path, str(name))):
                yield (*path, str(name))
            else:
                yield from _secrets(one, (*path, str(name)))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _secrets(one, (*path, number))
    elif _is_address(value, path):
        yield path


def _is_secret(path: Path) -> bool:
    last = str(path[-1]).lower()
    return last in SECRETS or (path[0] in _ADDRESSES and last == "url")


def without_secrets(value: Any, path: Path = ()) -> Any:
    """Content of a file, or what stands in it at a place, with its secrets masked."""
    if isinstance(value, Mapping):
        return {
            name: HIDDEN if one is not None and _is_secret((*path, str(name))) else without_secrets(one, (*path, name))
            for name, one in value.items()
        }
    if isinstance(value, list):
        return [without_secrets(one, (*path, number)) for number, one in enumerate(value)]
    return HIDDEN if _is_address(value, path) else value


def _is_address(value: Any, path: Path) -> bool:
    """An address where a mapping should be is one all the same."""
    return bool(path) and path[0] in _ADDRESSES and isinstance(value, str) and "://" in value


def _entries(file: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[EntryChange]:
    if file not in before or file not in after:
        change = "added" if file not in before else "removed"
        yield EntryChange(file, (), file, change)  # type: ignore[arg-type]  # one of the two
        return
    try:
        old, new = units(file, content_of(before[file], file)), units(file, content_of(after[file], file))
    except UsageError:
        # One of the two is not well-formed: the lines must do.
        return
    for unit in [*old, *(unit for unit in new if unit not in old)]:
        if unit not in new:
            yield EntryChange(file, _path(unit), label(file, unit), "removed", before=_shown(file, unit, old[unit]))
        elif unit not in old:
            yield EntryChange(file, _path(unit), label(file, unit), "added", after=_shown(file, unit, new[unit]))
        elif old[unit] != new[unit]:
            yield from _inside(file, unit, _path(unit), label(file, unit), old[unit], new[unit])


def _inside(file: str, unit: Any, path: Path, name: str, old: Any, new: Any) -> Iterator[EntryChange]:
    """Field by field, as deep as both are mappings."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            if old.get(key) != new.get(key) or (key in old) != (key in new):
                if key in old and key in new:
                    yield from _inside(file, (*unit, key), (*path, key), f"{name}: {key}", old[key], new[key])
                elif key in old:
                    was = _shown(file, (*unit, key), old[key])
                    yield EntryChange(file, (*path, key), f"{name}: {key}", "removed", before=was)
                else:
                    now = _shown(file, (*unit, key), new[key])
                    yield EntryChange(file, (*path, key), f"{name}: {key}", "added", after=now)
        return
    yield EntryChange(
        file, path, name, "changed", before=_shown(file, unit, old), after=_shown(file, unit, new)
    )  # fmt: skip


def _path(unit: tuple[Any, ...]) -> Path:
    return tuple(str(part) for part in (unit[:2] if len(unit) == 3 else unit))


def _shown(file: str, unit: tuple[Any, ...], value: Any) -> Any:
    if file != STATION:
        return value
    path = tuple(str(name) for name in unit)
    return HIDDEN if any(_is_secret(path[: end + 1]) for end in range(len(path))) else without_secrets(value, path)
