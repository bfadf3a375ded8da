"""docs/architecture.md is true: its arrows, its tables, and the functions that its tour names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
PACKAGES = {one.parent.name for one in (ROOT / "broadcaster").glob("*/__init__.py")}
NAMED = re.findall(r"`(broadcaster/[\w/]+\.py):\s+(\w+)(?:\.(\w+))?`", PAGE)


def arrows() -> set[tuple[str, str]]:
    """Of the diagram."""
    lines = PAGE.partition("```mermaid")[2].partition("```")[0]
    found = re.findall(r"^ *(\w+) --> (.+)$", lines, re.M)
    return {(knows, known.strip()) for knows, those in found for known in those.split("&")}


@pytest.fixture(scope="module")
def imports() -> set[tuple[str, str]]:
    """Of packages by packages."""
    graph = grimp.build_graph("broadcaster", exclude_type_checking_imports=True, cache_dir=None)
    found = set()
    for module in graph.modules:
        for other in graph.find_modules_directly_imported_by(module):
            ends = tuple(name.split(".")[1] for name in (module, other) if name.count("."))
            if len(ends) == 2 and PACKAGES.issuperset(ends) and ends[0] != ends[1]:
                found.add((ends[0], ends[1]))
    return found


def known_to(package: str, ways: set[tuple[str, str]]) -> set[str]:
    """All that can be reached from it."""
    seen: set[str] = set()
    waiting = [package]
    while waiting:
        further = {known for knows, known in ways if knows == waiting[-1]} - seen
        waiting.pop()
        seen |= further
        waiting += further
    return seen


def test_every_arrow_is_an_import_and_every_import_an_arrow_or_a_way(imports: set[tuple[str, str]]) -> None:
    drawn = arrows()
    assert drawn - imports == set()
    assert {(knows, known) for knows, known in imports if known not in known_to(knows, drawn)} == set()


def test_no_arrow_is_idle_and_there_is_no_circle() -> None:
    drawn = arrows()
    assert [one for one in drawn if one[1] in known_to(one[0], drawn - {one})] == []
    assert [package for package in PACKAGES if package in known_to(package, drawn)] == []


def test_every_package_and_every_module_at_the_top_has_its_line() -> None:
    tops = {one.name for one in (ROOT / "broadcaster").glob("*.py") if not one.name.startswith("__")}
    rows = re.findall(r"^\| `([\w.]+)` \|", PAGE, re.M)
    assert sorted(rows) == sorted(PACKAGES | tops)


def test_every_word_of_the_glossary_leads_to_a_package_and_the_table_has_no_others() -> None:
    glossary = (ROOT / "README.md").read_text("utf-8").partition("## 词汇")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([^|]+) \|", glossary, re.M)[2:]  # below the head
    known = {word for row in rows for word in re.split("[、 ]+", row)}
    words = re.findall(r"^\| `\w+` \|[^|]+\| ([^|]+) \|$", PAGE, re.M)
    assert {word for row in words for word in row.split(", ")} == known


def parts_of(file: str) -> Iterator[str]:
    """Functions, classes and methods."""
    for node in ast.parse((ROOT / file).read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        if isinstance(node, ast.ClassDef):
            yield from (f"{node.name}.{one.name}" for one in node.body if isinstance(one, ast.FunctionDef))


@pytest.mark.parametrize(("file", "name", "method"), NAMED)
def test_what_the_tour_names_is_there(file: str, name: str, method: str) -> None:
    assert (f"{name}.{method}" if method else name) in set(parts_of(file))


def test_the_tour_names_enough_to_be_followed() -> None:
    assert len(NAMED) > 15
