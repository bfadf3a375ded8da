"""Edits applied to the texts of the plan: as they stand, or on top of what others changed meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from ruamel.yaml.error import YAMLError

from broadcaster.editing.models import Edit, Path
from broadcaster.editing.texts import MOST_BYTES, check_name, is_script
from broadcaster.errors import UsageError
from broadcaster.plan.files import parsed
from broadcaster.plan.splice import Step, changed, content_of, spliced_all
from broadcaster.plan.yaml_text import lines

Texts = dict[str, str | None]
"""Path -> text; None for a file that is gone."""


def apply(texts: Mapping[str, str], edits: Iterable[Edit]) -> Texts:
    """What becomes of the files that the edits touch; each edit holds after those before it.

    Raises ``UsageError`` where a file is none of the plan's, a path leads nowhere, or a text grows too long.
    """
    result: Texts = {}
    for _, together in groupby(edits, key=lambda edit: (edit.file, bool(edit.path))):
        some = list(together)
        edit = some[0]
        check_name(edit.file)
        now = result[edit.file] if edit.file in result else texts.get(edit.file)
        if edit.path:
            fresh: str | None = _entries(edit.file, some, now)
        else:
            fresh = now
            for one in some:
                fresh = _whole(one, fresh)
        if fresh is not None and len(fresh.encode(errors="replace")) > max(MOST_BYTES, len((now or "").encode())):
            raise UsageError(
                f"{edit.file} 太长,最多 {MOST_BYTES // 1024} KB / is too long, {MOST_BYTES // 1024} KB at most"
            )
        result[edit.file] = fresh
    return {file: text for file, text in result.items() if text != texts.get(file)}


def _entries(file: str, edits: Sequence[Edit], now: str | None) -> str:
    if now is None:
        raise UsageError(f"没有文件 {file} / there is no file {file}")
    return spliced_all(now, file, [(edit.op, edit.path, edit.value) for edit in edits])


def _whole(edit: Edit, now: str | None) -> str | None:
    if edit.op == "remove":
        if now is None:
            raise UsageError(f"没有文件 {edit.file} / there is no file {edit.file}")
        if not is_script(edit.file):
            raise UsageError(f"{edit.file} 不能删 / can't be deleted")
        return None
    if edit.op == "insert":
        raise UsageError("insert 要写明位置 / insert needs a place")
    if isinstance(edit.value, str):
        if "\x00" in edit.value:
            raise UsageError(f"{edit.file}: 不是文本 / is no text")
        return edit.value
    if not isinstance(edit.value, dict) or not edit.value:
        raise UsageError(f"{edit.file}: 内容应是名称和值 / its content must be names and values")
    return fresh_text(edit.file, edit.value) if now is None else _set_all(edit.file, now, edit.value)


def fresh_text(file: str, value: Mapping[str, Any]) -> str:
    """A new file that says something."""
    text = lines(value, 0, 2)
    text = text if text.endswith("\n") else text + "\n"
    try:
        document, _faults = parsed(file, text)
    except YAMLError:
        document = None
    if document is None or document.content.keys() != value.keys():
        raise UsageError(f"{file}: 内容写不成文件 / its content can't be written")
    return text


def _set_all(file: str, now: str, value: Mapping[str, Any]) -> str:
    """Every entry of a file, so that its comments stay."""
    try:
        before = content_of(now, file)
    except UsageError:
        return fresh_text(file, value)
    gone: list[Step] = [("remove", (name,), None) for name in before if name not in value]
    return spliced_all(now, file, [*gone, *(("set", (name,), one) for name, one in value.items())])


# --- on top of others' changes ------------------------------------------------------------------------------------

Unit = tuple[Any, ...]
"""An entry that one person changes at a time: a daypart, a rule, a level, a date; a script as a whole."""

_DEEP = frozenset({"dayparts", "spots", "rotations", "levels", "dates", "day_types", "voices", "forms"})


def units(file: str, content: Any) -> dict[Unit, Any]:
    """The entries of a file with what they say. Items of lists go by their id, and by which of that id they are."""
    if is_script(file):
        return {(): content}
    found: dict[Unit, Any] = {}
    for name, value in content.items():
        if name in _DEEP and isinstance(value, dict):
            found |= {(name, key): one for key, one in value.items()}
        elif name in _DEEP and isinstance(value, list):
            found |= {(name, *mark): one for mark, one in zip(_marks(value), value, strict=True)}
        else:
            found[(name,)] = value
    return found


def _marks(items: Sequence[Any]) -> list[Unit]:
    """Names for the items of a list that stay the same when others come and go."""
    seen: dict[str, int] = {}
    marks: list[Unit] = []
    for item in items:
        name = str(item.get("id", "")) if isinstance(item, dict) else repr(item)
        seen[name] = seen.get(name, 0) + 1
        marks.append((name, seen[name]))
    return marks


def label(file: str, unit: Unit) -> str:
    """An entry in words: ``config/programme.yaml: dayparts: weather``."""
    parts = [str(part) for part in unit]
    if len(unit) == 3:
        parts = parts[:2] if unit[2] == 1 else [parts[0], f"{parts[1]} ({parts[2]})"]
    return ": ".join([file, *parts])


def both_touched(base: Mapping[str, str], now: Mapping[str, str], edits: Sequence[Edit]) -> list[str]:
    """Entries that the edits touch and that differ between two states of the files, in words."""
    touched: dict[str, None] = {}
    for file in dict.fromkeys(edit.file for edit in edits):
        if base.get(file) == now.get(file):
            continue
        mine = _touched(file, base, [edit for edit in edits if edit.file == file])
        if mine is None or file not in base or file not in now:
            touched[file] = None
            continue
        try:
            old, new = units(file, content_of(base[file], file)), units(file, content_of(now[file], file))
        except UsageError:
            touched[file] = None
            continue
        theirs = {unit for unit in {*old, *new} if old.get(unit) != new.get(unit) or (unit in old) != (unit in new)}
        touched |= {label(file, unit): None for unit in sorted(mine & theirs, key=repr)}
    return list(touched)


def differing(old: Mapping[str, str], new: Mapping[str, str], files: Iterable[str]) -> list[str]:
    """Entries of these files that differ between two states, in words; a file that can't be read as a whole."""
    found: list[str] = []
    for file in files:
        if old.get(file) == new.get(file):
            continue
        found.append(file)
        try:
            before = units(file, content_of(old[file], file)) if file in old else {}
            after = units(file, content_of(new[file], file)) if file in new else {}
        except UsageError:
            continue
        found += [
            label(file, unit) for unit in {**before, **after}
            if before.get(unit) != after.get(unit) or (unit in before) != (unit in after)
        ]  # fmt: skip
    return found


def _touched(file: str, base: Mapping[str, str], edits: Sequence[Edit]) -> set[Unit] | None:
    """The units of the base that edits touch; None if that is the whole file."""
    if file not in base or is_script(file):
        return None
    content = content_of(base[file], file)
    found: set[Unit] = set()
    for edit in edits:
        if not edit.path:
            return None
        unit = unit_at(content, edit.path)
        if unit is None:
            # A whole group: every entry in it.
            found |= {one for one in units(file, content) if one[:1] == edit.path[:1]}
        elif edit.op != "insert" or len(edit.path) > 2:
            found.add(unit)
        content = changed(content, edit.op, edit.path, edit.value)
    return found


def unit_at(content: Any, path: Path) -> Unit | None:
    """The unit that a path lies in; None for a whole group of them."""
    group = content.get(str(path[0]))
    if str(path[0]) not in _DEEP or not isinstance(group, dict | list):
        return (str(path[0]),)
    if len(path) < 2:
        return None
    if isinstance(group, dict):
        return str(path[0]), str(path[1])
    marks = _marks(group)
    at = path[1]
    return (str(path[0]), *marks[at]) if isinstance(at, int) and 0 <= at < len(marks) else (str(path[0]), "", 0)


def moved(base: Mapping[str, str], now: Mapping[str, str], edits: Sequence[Edit]) -> list[Edit]:
    """The edits with their places in lists as they are now: others may have put items in, or taken some out."""
    result: list[Edit] = []
    for file in dict.fromkeys(edit.file for edit in edits):
        mine = [edit for edit in edits if edit.file == file]
        if base.get(file) == now.get(file) or file not in base or file not in now:
            result += mine
            continue
        old, new = content_of(base[file], file), content_of(now[file], file)
        for edit in mine:
            fresh = _moved(old, new, edit)
            result.append(fresh)
            old = changed(old, edit.op, edit.path, edit.value)
            new = changed(new, fresh.op, fresh.path, fresh.value)
    return result


def _moved(old: Any, new: Any, edit: Edit) -> Edit:
    if len(edit.path) < 2 or not isinstance(edit.path[1], int):
        return edit
    group, here = old.get(str(edit.path[0])), new.get(str(edit.path[0]))
    if not isinstance(group, list) or not isinstance(here, list):
        return edit
    at = edit.path[1]
    marks, marks_now = _marks(group), _marks(here)
    if at < len(marks) and marks[at] in marks_now:
        place = marks_now.index(marks[at])
    elif edit.op == "insert" and len(edit.path) == 2:
        # Behind what it stood behind.
        before = next((mark for mark in reversed(marks[:at]) if mark in marks_now), None)
        place = marks_now.index(before) + 1 if before is not None else len(here) if at else 0
    else:
        place = at
    return edit.model_copy(update={"path": (edit.path[0], place, *edit.path[2:])})
