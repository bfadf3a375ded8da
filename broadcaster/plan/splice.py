"""Changes entries of a YAML text and leaves every other byte as it is: comments, order, quotes, columns, line ends.

The text is composed to learn where each entry begins and ends; then only that stretch is exchanged. The result is
read again and must say exactly what was meant, or the change is refused: a hand-written file may hold what this
module does not foresee (shared entries with ``&`` and ``*``, for one), and must then be changed by hand.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any, Literal

from broadcaster.errors import UsageError
from broadcaster.plan.faults import Fault
from broadcaster.plan.files import Keys, entry_name, parsed
from broadcaster.plan.splice_text import Shared, text_tree

Deed = Literal["set", "insert", "remove"]
Step = tuple[Deed, Keys, Any]


def content_of(text: str, file: str) -> Any:
    """What a text says, plainly. ``UsageError`` if it is not well-formed."""
    document, faults = parsed(file, text)
    if document is None:
        raise UsageError(f"{_told(faults)} 请先直接改好文件 / correct the file by hand first")
    return document.content


def changed(content: Any, deed: Deed, path: Keys, value: Any = None) -> Any:
    """Plain content with one change in it; the argument stays as it is. ``UsageError`` where the path leads nowhere."""
    result = copy.deepcopy(content)
    if not path:
        raise UsageError("没有说改哪一项 / no entry is named")
    parent = result
    for number, step in enumerate(path[:-1]):
        here = path[: number + 1]
        if isinstance(parent, list) and isinstance(step, int) and 0 <= step < len(parent):
            parent = parent[step]
        elif isinstance(parent, dict) and (name := str(step)) in parent and parent[name] is not None:
            parent = parent[name]
        elif isinstance(parent, dict) and deed != "remove":
            parent[str(step)] = [] if deed == "insert" and number == len(path) - 2 else {}
            parent = parent[str(step)]
        else:
            raise nowhere(here)
    _do(parent, deed, path, value)
    return result


def _do(parent: Any, deed: Deed, path: Keys, value: Any) -> None:
    last = path[-1]
    if isinstance(parent, list) and isinstance(last, int):
        if not 0 <= last < len(parent) + (deed == "insert"):
            raise nowhere(path)
        if deed == "insert":
            parent.insert(last, value)
        elif deed == "set":
            parent[last] = value
        else:
            del parent[last]
    elif isinstance(parent, dict) and deed != "insert":
        if deed == "set":
            parent[str(last)] = value
        elif str(last) in parent:
            del parent[str(last)]
        else:
            raise nowhere(path)
    else:
        raise nowhere(path)


def nowhere(path: Keys) -> UsageError:
    """The path names nothing."""
    return UsageError(f"没有 {entry_name(path)} 这一项 / there is no {entry_name(path)}")


def spliced(text: str, file: str, deed: Deed, path: Keys, value: Any = None) -> str:
    """The text with one change in it. See :func:`spliced_all`."""
    return spliced_all(text, file, [(deed, path, value)])


def spliced_all(text: str, file: str, deeds: Iterable[Step]) -> str:
    """The text with changes in it, each holding after those before it.

    A value set over another one of the same shape changes only the entries in which they differ. Raises ``UsageError``
    if the text is not well-formed, a path leads nowhere, or a change can't be written without touching more.
    """
    content = content_of(text, file)
    result = text
    path: Keys = ()
    for deed, path, value in deeds:
        after = changed(content, deed, path, value)
        if after == content and deed == "set":
            continue
        try:
            for step in _steps(content, after, deed, path, value):
                result = _write(result, *step)
        except Shared as error:
            raise _refused(file, path) from error
        content = after
    if result == text:
        return text
    document, _faults = parsed(file, result)
    if document is None or not _same(document.content, content):
        raise _refused(file, path)
    return result


def _same(one: Any, other: Any) -> bool:
    """Whether two contents are the same but for line ends at the end of texts: a file may lack its last one."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(value, other[name]) for name, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, str) and isinstance(other, str):
        return one.rstrip("\n") == other.rstrip("\n")
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _refused(file: str, path: Keys) -> UsageError:
    return UsageError(
        f"{file}: {entry_name(path)} 的写法特殊(例如 & * 引用),请直接改文件 / is written in a special way "
        "(such as shared by & and *); edit the file by hand"
    )


def _told(faults: tuple[Fault, ...]) -> str:
    return "; ".join(map(str, faults))


def _steps(before: Any, after: Any, deed: Deed, path: Keys, value: Any) -> Iterator[Step]:
    if deed != "set":
        # What is missing around an inserted item is set as a whole.
        known = _known(before, path)
        if deed == "insert" and len(known) < len(path) - 1:
            whole = path[: len(known) + 1]
            yield "set", whole, _at(after, whole)
        else:
            yield deed, path, value
        return
    known = _known(before, path)
    if len(known) < len(path):
        whole = path[: len(known) + 1]
        yield "set", whole, _at(after, whole)
        return
    yield from differences(_at(before, path), value, path)


def differences(old: Any, new: Any, path: Keys) -> Iterator[Step]:
    """Least steps from one value to another: each holds after those before it."""
    if type(old) is type(new) and old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict) and old and new:
        for name in [name for name in old if name not in new]:
            yield "remove", (*path, name), None
        for name, value in new.items():
            if name in old:
                yield from differences(old[name], value, (*path, name))
            else:
                yield "set", (*path, name), value
    elif isinstance(old, list) and isinstance(new, list) and old and new:
        yield from _list_differences(old, new, path)
    else:
        yield "set", path, new


def _list_differences(old: list[Any], new: list[Any], path: Keys) -> Iterator[Step]:
    marks_old, marks_new = [repr(one) for one in old], [repr(one) for one in new]
    shift = 0
    for tag, a, b, c, d in SequenceMatcher(None, marks_old, marks_new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        paired = min(b - a, d - c)
        for number in range(paired):
            yield from differences(old[a + number], new[c + number], (*path, a + number + shift))
        for _ in range(a + paired, b):
            yield "remove", (*path, a + paired + shift), None
        for number in range(paired, d - c):
            yield "insert", (*path, a + number + shift), new[c + number]
        shift += (d - c) - (b - a)


def _known(content: Any, path: Keys) -> Keys:
    """As much of a path as there is."""
    for number, step in enumerate(path):
        if isinstance(content, Mapping) and content.get(str(step)) is not None:
            content = content[str(step)]
        elif isinstance(content, Mapping) and str(step) in content and number == len(path) - 1:
            return path
        elif isinstance(content, list) and isinstance(step, int) and 0 <= step < len(content):
            content = content[step]
        else:
            return path[:number]
    return path


def _at(content: Any, path: Keys) -> Any:
    for step in path:
        content = content[step if isinstance(content, list) else str(step)]
    return content


def _write(text: str, deed: Deed, path: Keys, value: Any) -> str:
    tree = text_tree(text)
    if deed == "remove":
        return tree.without(path)
    return tree.with_item(path, value) if deed == "insert" else tree.with_value(path, value)
