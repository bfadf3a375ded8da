"""Writes values as YAML in the way that the starter files are written: short things on one line, quotes where needed.

What is written reads back as the same value under YAML 1.2; where lines must be kept they stand in a ``|`` block.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

LINE = 110
"""Columns that what stands on one line may take."""

_CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?")
_ODD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
"""Characters that only a double-quoted text can hold."""


def scalar(value: Any, *, flow: bool, quotes: str | None = None) -> str:
    """A value on one line. ``quotes`` is how what it stands for was quoted, empty if it was not; None: as is usual."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return json.dumps(value) if isinstance(value, int | float) else str(value)
    if quotes == "'" and "\n" not in value and not _ODD.search(value):
        return "'" + value.replace("'", "''") + "'"
    if quotes != '"' and (quotes == "" or not is_clock(value)) and reads_plain(value, flow):
        return value
    if quotes != '"' and '"' in value and "\n" not in value and not _ODD.search(value):
        return "'" + value.replace("'", "''") + "'"
    return _double(value)


def is_clock(text: str) -> bool:
    """Whether a text is a time of day: those are quoted in the starter files, for readers of older YAML."""
    return _CLOCK.fullmatch(text) is not None


def _double(value: str) -> str:
    quoted = json.dumps(value, ensure_ascii=False)
    return _ODD.sub(lambda match: f"\\u{ord(match[0]):04x}", quoted)


@lru_cache(maxsize=2048)
def reads_plain(text: str, flow: bool) -> bool:
    """Whether a text may stand without quotes."""
    if not text or "\n" in text or text != text.strip() or _ODD.search(text):
        return False
    try:
        return bool(YAML(typ="safe", pure=True).load(f"[{text}, 1]" if flow else f"- {text}") == (
            [text, 1] if flow else [text]
        ))  # fmt: skip
    except (YAMLError, ValueError):
        return False


def key(name: str | int, *, flow: bool) -> str:
    """The name of an entry. Dates and numbers stay plain, though they are no texts to YAML."""
    text = str(name)
    if re.fullmatch(r"[A-Za-z_][\w-]*|\d{4}-\d{2}-\d{2}|-?\d+(?:\.\d+)?", text, re.ASCII) and text.lower() not in (
        "null", "true", "false",
    ):  # fmt: skip
        return text
    return scalar(text, flow=flow)


def flow(value: Any) -> str:
    """Any value on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key(name, flow=True)}: {flow(one)}" for name, one in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value, flow=True)


def behind_key(value: Any, column: int, step: int, *, block: bool | None = None) -> str:
    """What follows ``name:`` when the name stands at a column. ``block`` prescribes lines, or one line."""
    if isinstance(value, str) and _wants_lines(value):
        return " " + literal(value, column + step)
    if not _is_group(value):
        return " " + scalar(value, flow=False)
    if not value:
        return " " + flow(value)
    if block is False or (block is None and not _needs_block(value, column)):
        return " " + flow(value)
    return "\n" + lines(value, column + step if isinstance(value, Mapping) else column + 2, step)


def lines(value: Any, column: int, step: int) -> str:
    """A mapping or list as lines from a column on; the last without its end."""
    pad = " " * column
    if isinstance(value, Mapping):
        return "\n".join(f"{pad}{key(name, flow=False)}:{behind_key(one, column, step)}" for name, one in value.items())
    return "\n".join(pad + "-" + behind_dash(one, column, step) for one in value)


def behind_dash(value: Any, column: int, step: int, *, gap: int = 1, block: bool | None = None) -> str:
    """What follows the ``-`` at a column."""
    if isinstance(value, Mapping) and value and (block or (block is None and _needs_block(value, column))):
        return " " * gap + lines(value, column + 1 + gap, step).lstrip(" ")
    if isinstance(value, str) and _wants_lines(value):
        return " " + literal(value, column + step)
    return " " * gap + (flow(value) if _is_group(value) else scalar(value, flow=False))


def literal(value: str, column: int) -> str:
    """A text of several lines in a ``|`` block."""
    body = value.rstrip("\n")
    ends = len(value) - len(body)
    pad = " " * column
    chomp = "-" if ends == 0 else "" if ends == 1 else "+"
    inner = "\n".join(pad + line if line else "" for line in body.split("\n"))
    return f"|{chomp}\n{inner}" + "\n" * max(0, ends - 1)


def _wants_lines(value: str) -> bool:
    body = value.rstrip("\n")
    return (
        "\n" in value
        and bool(body)
        and value.count("\n") - body.count("\n") < 2
        and not body[0].isspace()
        and not _ODD.search(value)
        and all(line == line.rstrip() and "\t" not in line for line in body.split("\n"))
    )


def _is_group(value: Any) -> bool:
    return isinstance(value, Mapping) or (isinstance(value, Sequence) and not isinstance(value, str))


def _needs_block(value: Any, column: int) -> bool:
    if _has_lines(value) or width(flow(value)) + column > LINE:
        return True
    if isinstance(value, Mapping):
        return any(_is_group(one) and any(map(_is_group, _inside(one))) for one in value.values()) or "id" in value
    return any(isinstance(one, Mapping) and "id" in one for one in value)


def _has_lines(value: Any) -> bool:
    return any(map(_has_lines, _inside(value))) if _is_group(value) else isinstance(value, str) and "\n" in value


def _inside(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, Mapping) else list(value) if _is_group(value) else []


def width(text: str) -> int:
    """Columns that a text takes; a Chinese character takes two."""
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)
