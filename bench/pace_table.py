"""A sheet of figures as a table for a terminal, for the README, and as JSON. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from unicodedata import east_asian_width

from bench.pace_figures import OURS, Measure, Sheet, Verdict

WORDS = {True: "yes", False: "NO", None: "not measured"}


def rows(sheet: Sheet, measures: Sequence[Measure], subjects: Sequence[str]) -> list[list[str]]:
    """A row for each measure of which there is a figure: its title, then a cell a subject, peers with their ratio."""
    return [
        [f"{one.title}, {one.unit}" if one.unit else one.title, *(_cell(sheet, one, who) for who in subjects)]
        for one in measures
        if any(sheet.cell(one.key, who) for who in subjects)
    ]


def _cell(sheet: Sheet, measure: Measure, subject: str) -> str:
    found = sheet.cell(measure.key, subject)
    if found is None:
        return ""
    if found.value is None:
        return found.note or "-"
    text = f"{found.value:,.{measure.digits}f}"
    ratio = sheet.ratio(measure.key, subject) if subject != OURS else None
    # The ratio of signed figures says nothing.
    if ratio is not None and ratio > 0 and measure.key != "start.late":
        text += f" ({ratio:.1f}x)" if ratio < 100 else f" ({ratio:.0f}x)"
    return f"{text} {found.note}" if found.note else text


def verdict_rows(verdicts: Sequence[Verdict]) -> list[list[str]]:
    """A row a target: title, value, limit, whether it was met."""

    def number(value: float | None) -> str:
        return "-" if value is None else f"{value:,.2f}"

    return [[one.title, number(one.value), f"{number(one.limit)} {one.unit}", WORDS[one.met]] for one in verdicts]


def plain(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """In columns, for a terminal; Chinese characters count as two."""
    table = [list(head), *map(list, lines)]
    widths = [max(_width(line[column]) for line in table) for column in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        first = cells[0] + " " * (widths[0] - _width(cells[0]))
        rest = [" " * (width - _width(cell)) + cell for cell, width in zip(cells[1:], widths[1:], strict=True)]
        return "  ".join([first, *rest]).rstrip()

    return "\n".join([line(head), line(["-" * width for width in widths]), *map(line, table[1:])])


def markdown(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """For the README."""
    ruler = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join("| " + " | ".join(line) + " |" for line in (head, ruler, *lines))


def document(sheet: Sheet, verdicts: Sequence[Verdict], about: dict[str, Any]) -> dict[str, Any]:
    """For JSON."""
    figures: dict[str, dict[str, Any]] = {}
    for one in sheet:
        figures.setdefault(one.measure, {})[one.subject] = one.note if one.value is None else round(one.value, 4)
    targets = [
        {"title": one.title, "value": one.value, "limit": one.limit, "unit": one.unit, "met": one.met}
        for one in verdicts
    ]
    return {**about, "figures": figures, "targets": targets}


def _width(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
