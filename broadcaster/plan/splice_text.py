"""Where each entry of a YAML text begins and ends, and the text with one stretch exchanged."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from broadcaster.plan.files import Keys, new_yaml
from broadcaster.plan.yaml_text import behind_dash, behind_key, flow, is_clock, key, literal, reads_plain, scalar


def _flows(node: Node) -> bool:
    """Whether a group is written on one line."""
    return isinstance(node, CollectionNode) and bool(node.flow_style)


class Shared(Exception):
    """An entry that the text writes in a way that can't be changed in its place alone."""


@lru_cache(maxsize=16)
def text_tree(text: str) -> TextTree:
    """A text composed: that of a file that is being edited is asked for again and again."""
    return TextTree(text)


class TextTree:
    """One text, composed. Methods return the new text and leave this one."""

    def __init__(self, text: str) -> None:
        self._head = "\ufeff" if text.startswith("\ufeff") else ""
        self._text = text.removeprefix(self._head)
        self._end = "\r\n" if "\r\n" in self._text else "\n"
        try:
            self._root = new_yaml().compose(self._text)
        except YAMLError as error:
            raise Shared(str(error)) from error
        if not isinstance(self._root, MappingNode):
            raise Shared("no mapping")
        self._step = next(
            (value.value[0][0].start_mark.column for _, value in self._root.value
             if isinstance(value, MappingNode) and not _flows(value) and value.value), 2,
        ) or 2  # fmt: skip

    # --- finding

    def _find(self, path: Keys) -> tuple[Node, Node | None]:
        """The entry, and the name in front of it if it stands in a mapping."""
        node: Node = self._root
        name: Node | None = None
        for step in path:
            if isinstance(node, SequenceNode):
                if not isinstance(step, int):
                    raise Shared(str(step))
                child, name = node.value[step], None
            elif isinstance(node, MappingNode):
                name, child = self._pair(node, step)
            else:
                raise Shared(str(step))
            floor = name.end_mark.index if name else node.start_mark.index
            if not floor <= child.start_mark.index <= child.end_mark.index <= max(node.end_mark.index, floor):
                raise Shared("an alias")
            node = child
        return node, name

    @staticmethod
    def _pair(node: MappingNode, step: str | int) -> tuple[Node, Node]:
        for name, value in node.value:
            if str(name.value) == str(step):
                return name, value
        raise Shared(str(step))

    def _has(self, node: Node, step: str | int) -> bool:
        return isinstance(node, MappingNode) and any(str(name.value) == str(step) for name, _ in node.value)

    def _stop(self, node: Node) -> int:
        """Where a node's own text ends: without the comments and blank lines that the parser counts to it."""
        if isinstance(node, ScalarNode) or _flows(node):
            start, stop = node.start_mark.index, node.end_mark.index
            if isinstance(node, ScalarNode) and node.style in ("|", ">"):
                return int(start) + len(self._text[start:stop].rstrip())
            return int(stop)
        if not node.value:
            return int(node.start_mark.index)
        last = node.value[-1]
        if isinstance(node, MappingNode):
            name, value = last
            colon = self._colon(name)
            return max(colon, self._stop(value) if value.end_mark.index > value.start_mark.index else colon)
        stop = self._stop(last)
        return stop if last.end_mark.index > last.start_mark.index else max(stop, self._dash_before(last) + 1)

    def _colon(self, name: Node) -> int:
        """Just behind the colon of a name."""
        found = re.compile(r"\s*:").match(self._text, name.end_mark.index)
        if found is None:
            raise Shared("no colon")
        return found.end()

    def _dash_before(self, node: Node) -> int:
        found = self._text.rfind("-", 0, node.start_mark.index)
        if found < 0 or self._text[found + 1 : node.start_mark.index].strip():
            raise Shared("no dash")
        return found

    def _line_start(self, index: int) -> int:
        return self._text.rfind("\n", 0, index) + 1

    def _line_end(self, index: int) -> int:
        """Behind the line's end."""
        found = self._text.find("\n", index)
        return len(self._text) if found < 0 else found + 1

    # --- writing

    def _put(self, start: int, stop: int, fresh: str) -> str:
        fresh = fresh.replace("\n", self._end)
        return self._head + self._text[:start] + fresh + self._text[stop:]

    def with_value(self, path: Keys, value: Any) -> str:
        """With a value in an entry's place, or as a new entry of its mapping."""
        parent, _ = self._find(path[:-1])
        if isinstance(parent, MappingNode) and not self._has(parent, path[-1]):
            return self._with_entry(parent, path, value)
        node, name = self._find(path)
        in_flow = _flows(parent)
        if name is None:
            return self._with_member(node, value, in_flow=in_flow)
        column = name.start_mark.column
        start = self._colon(name)
        group = not isinstance(node, ScalarNode)
        was_block = group and not _flows(node)
        if in_flow:
            quotes = _quotes(node, value) if isinstance(value, str) else None
            fresh = " " + (scalar(value, flow=True, quotes=quotes) if isinstance(value, str) else flow(value))
        elif isinstance(node, ScalarNode) and isinstance(value, str):
            fresh = self._text_like(node, value, column)
        else:
            block = True if was_block and value else False if group and node.value and _flows(node) else None
            if block is None and len(path) == 1 and isinstance(value, dict):
                block = True
            fresh = behind_key(value, column, self._step, block=block)
        stop = self._stop(node)
        if was_block:
            return self._put(start, stop, fresh) if "\n" in fresh else self._instead_of_lines(start, node, fresh)
        if stop <= start:
            return self._put(start, start, fresh)
        # The blanks in front of a value on the same line stay: columns may be lined up.
        if fresh.startswith(" ") and "\n" not in self._text[start : node.start_mark.index]:
            return self._put(node.start_mark.index, stop, fresh[1:])
        return self._put(start, stop, fresh)

    def _with_member(self, node: Node, value: Any, *, in_flow: bool) -> str:
        if in_flow or isinstance(node, ScalarNode) or _flows(node):
            fresh = scalar(value, flow=in_flow, quotes=_quotes(node, value)) if isinstance(value, str) else flow(value)
            return self._put(node.start_mark.index, self._stop(node), fresh)
        dash = self._dash_before(node)
        column = dash - self._line_start(dash)
        gap = node.start_mark.column - column - 1
        return self._put(dash + 1, self._stop(node), behind_dash(value, column, self._step, gap=gap, block=True))

    def _text_like(self, node: ScalarNode, value: str, column: int) -> str:
        """A text in the manner of the one that it stands for."""
        if node.style in ("|", ">") and value.strip() and "\n" in value:
            return " " + literal(value, self._inner_column(node) or column + self._step)
        if "\n" in value and not self._text[self._stop(node) : self._line_end(self._stop(node))].strip():
            return behind_key(value, column, self._step)
        return " " + scalar(value, flow=False, quotes=_quotes(node, value))

    def _inner_column(self, node: ScalarNode) -> int:
        for line in self._text[node.start_mark.index : node.end_mark.index].splitlines()[1:]:
            if line.strip():
                return len(line) - len(line.lstrip(" "))
        return 0

    def _with_entry(self, parent: MappingNode, path: Keys, value: Any) -> str:
        name = path[-1]
        if _flows(parent):
            fresh = f"{key(name, flow=True)}: {flow(value)}"
            if not parent.value:
                return self._refilled(parent, path[:-1], {str(name): value}, "{" + fresh + "}")
            stop = max(self._stop(parent.value[-1][1]), self._colon(parent.value[-1][0]))
            return self._put(stop, stop, ", " + fresh)
        column = parent.value[0][0].start_mark.column
        block = True if len(path) == 1 and isinstance(value, dict) and value else None
        fresh = " " * column + key(name, flow=False) + ":" + behind_key(value, column, self._step, block=block)
        return self._after_line(self._stop(parent), fresh)

    def _after_line(self, index: int, fresh: str) -> str:
        """With lines put in behind the one where an entry ends."""
        at = self._line_end(index)
        if at == len(self._text) and not self._text.endswith("\n"):
            return self._put(at, at, "\n" + fresh)
        return self._put(at, at, fresh + "\n")

    def _refilled(self, node: Node, path: Keys, value: Any, in_line: str) -> str:
        """An empty ``{}`` or ``[]`` with its first entry: in lines where there is room for them."""
        if not path:
            return self._put(node.start_mark.index, self._stop(node), behind_key(value, -2, 2, block=True).lstrip("\n"))
        grand, _ = self._find(path[:-1])
        if _flows(grand) or isinstance(grand, SequenceNode):
            return self._put(node.start_mark.index, self._stop(node), in_line)
        return self.with_value(path, value)

    def with_item(self, path: Keys, value: Any) -> str:
        """With an item put into a list before the place named."""
        node, _ = self._find(path[:-1])
        at = path[-1]
        if not isinstance(node, SequenceNode) or not isinstance(at, int):
            if isinstance(node, ScalarNode):
                return self.with_value(path[:-1], [value])
            raise Shared("no list")
        if not node.value:
            return self._refilled(node, path[:-1], [value], "[" + flow(value) + "]")
        if _flows(node):
            if at < len(node.value):
                start = node.value[at].start_mark.index
                return self._put(start, start, flow(value) + ", ")
            stop = self._stop(node.value[-1])
            return self._put(stop, stop, ", " + flow(value))
        dash = self._dash_before(node.value[0])
        column = dash - self._line_start(dash)
        gap = node.value[0].start_mark.column - column - 1
        like = next((one for one in node.value if isinstance(one, MappingNode)), None)
        block = None if like is None else not _flows(like)
        fresh = " " * column + "-" + behind_dash(value, column, self._step, gap=gap, block=block)
        apart = self._set_apart(node)
        if at < len(node.value):
            start = self._top(self._line_start(self._dash_before(node.value[at])), first=at == 0)
            return self._put(start, start, fresh + "\n" + ("\n" if apart else ""))
        return self._after_line(self._stop(node.value[-1]), ("\n" if apart else "") + fresh)

    def _set_apart(self, node: SequenceNode) -> bool:
        """Whether blank lines stand between the items."""
        return len(node.value) > 1 and all(
            re.search(r"\n[ \t]*\r?\n", self._text[self._stop(one) : two.start_mark.index])
            for one, two in zip(node.value, node.value[1:], strict=False)
        )

    def _top(self, line: int, *, first: bool) -> int:
        """Where an entry begins, with the comment right above it; above the first one a comment is of all of them."""
        while line and not first:
            above = self._line_start(line - 1)
            if not self._text[above:line].lstrip().startswith("#"):
                break
            line = above
        return line

    def without(self, path: Keys) -> str:
        """Without an entry."""
        parent, _ = self._find(path[:-1])
        node, name = self._find(path)
        members = parent.value if isinstance(parent, SequenceNode) else [value for _, value in parent.value]
        if len(members) == 1:
            return self._emptied(parent, path)
        number = next(number for number, one in enumerate(members) if one is node)
        if _flows(parent):
            return self._out_of_line(parent, number)
        begin = self._line_start(name.start_mark.index if name else self._dash_before(node))
        if self._text[begin : name.start_mark.index if name else self._dash_before(node)].strip():
            # The first entry of a list's item stands behind its dash.
            follower = parent.value[1][0].start_mark.index
            return self._put(name.start_mark.index if name else begin, follower, "")
        return self._cut(begin, self._ending(node, name), first=number == 0, last=number == len(members) - 1)

    def _ending(self, node: Node, name: Node | None) -> int:
        stop = self._stop(node)
        if name is not None:
            stop = max(stop, self._colon(name))
        return self._line_end(stop)

    def _cut(self, begin: int, end: int, *, first: bool, last: bool) -> str:
        begin = self._top(begin, first=first)
        above = self._blank_above(begin)
        if last and above < begin:
            begin = above
        elif (above < begin or first) and not last:
            after = self._line_end(end)
            if not self._text[end:after].strip() and end < after:
                end = after
        if end == len(self._text) and not self._text.endswith("\n") and begin:
            begin -= len(self._end)
        return self._put(begin, end, "")

    def _blank_above(self, line: int) -> int:
        """Where the blank lines right above a line begin."""
        while line:
            above = self._line_start(line - 1)
            if self._text[above:line].strip():
                break
            line = above
        return line

    def _out_of_line(self, parent: Node, number: int) -> str:
        pairs = parent.value if isinstance(parent, SequenceNode) else [name for name, _ in parent.value]
        values = parent.value if isinstance(parent, SequenceNode) else [value for _, value in parent.value]
        if number + 1 < len(pairs):
            return self._put(pairs[number].start_mark.index, pairs[number + 1].start_mark.index, "")
        before = max(self._stop(values[number - 1]), pairs[number - 1].end_mark.index)
        return self._put(before, max(self._stop(values[number]), pairs[number].end_mark.index), "")

    def _emptied(self, parent: Node, path: Keys) -> str:
        """With the last of a group's entries gone: what is left is an empty group."""
        empty = "[]" if isinstance(parent, SequenceNode) else "{}"
        if _flows(parent):
            return self._put(parent.start_mark.index, self._stop(parent), empty)
        _, outer = self._find(path[:-1])
        if outer is None:
            return self._put(parent.start_mark.index, self._stop(parent), empty)
        return self._instead_of_lines(self._colon(outer), parent, f" {empty}")

    def _instead_of_lines(self, colon: int, node: Node, fresh: str) -> str:
        """With something short behind a name in place of lines; comments between them stay."""
        begin, end = self._line_start(node.start_mark.index), self._line_end(self._stop(node))
        if end == len(self._text) and not self._text.endswith("\n"):
            begin -= len(self._end)
        return self._head + self._text[:colon] + fresh + self._text[colon:begin] + self._text[end:]


def _quotes(node: Node, value: str) -> str | None:
    """How a text was quoted, by taste and not by need: the one that stands for it is quoted alike. Empty for plain."""
    if not isinstance(node, ScalarNode) or is_clock(node.value) != is_clock(value):
        return None
    if node.style in ("'", '"'):
        return str(node.style) if reads_plain(node.value, flow=True) else None
    return ""
