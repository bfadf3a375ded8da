"""A document as plain text, for a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from broadcaster.paper.parts import Heading, Paper, Part, Signature, Table, Text

WIDEST = 48
"""No column is padded further than this."""


def plain(paper: Paper) -> str:
    """The words of the document; pictures are left out."""
    lines = [paper.title, *paper.lines]
    for part in paper.parts:
        lines += _lines(part)
    return "\n".join(lines)


def _lines(part: Part) -> Iterator[str]:
    if isinstance(part, Heading):
        yield from ("", f"== {part.words} ==" if part.level == 1 else part.words)
    elif isinstance(part, Text):
        yield part.words
    elif isinstance(part, Signature):
        yield from ("", "    ".join(f"{name} ________________" for name in part.names))
    elif isinstance(part, Table):
        rows = [[column.title for column in part.columns], *part.rows]
        widths = [min(WIDEST, max(map(_width, cells))) for cells in zip(*rows, strict=True)]
        for row in rows:
            yield _row(row, widths, [column.align for column in part.columns])


def _row(row: Sequence[str], widths: Sequence[int], aligns: Sequence[str]) -> str:
    cells = []
    for cell, width, align in zip(row, widths, aligns, strict=True):
        words = " ".join(cell.split())
        space = " " * max(0, width - _width(words))
        cells.append(space + words if align == "right" else words + space)
    return f"  {'  '.join(cells)}".rstrip()


def _width(words: str) -> int:
    """In columns of a terminal: East Asian letters take two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in words)
