"""Entries of YAML texts changed in place: what was meant is said, and every other byte stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster.errors import UsageError
from broadcaster.plan.splice import changed, content_of, spliced
from tests.plan_kit import CALENDAR, PROGRAMME, ROOT, text_of

FILES = sorted(
    str(path.relative_to(ROOT)) for folder in ("config", "announcements") for path in (ROOT / folder).glob("*.yaml")
)
VALUES = st.sampled_from(
    ["10:10", "hello", "你好: a", "a, b", "#x", 'q"q', "it's", "yes", "null", "12 dB", "- x", "[x", "*z", " sp", "",
     5, 2.5, True, None, "one\ntwo\n", "a #b", "a:", "2026-11-11", "\t", "\u2028", ["a", "b"],
     {"zh": "一", "en": "b, c"}, [], {}]
)  # fmt: skip
DAYPART = {"id": "new", "title": {"zh": "新", "en": "new"}, "from": "10:00", "to": "10:05", "bed": "silence"}


def paths(content: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    items = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    return [path, *(inner for name, one in items for inner in paths(one, (*path, name)))]


def at(content: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        content = content[step]
    return content


def with_ends(text: str, ends: str) -> str:
    """The same file as Windows writes it, or with a byte order mark."""
    return "\ufeff" + text if ends == "mark" else text.replace("\n", ends)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_new_entry_taken_out_again_leaves_the_file_byte_for_byte(data: st.DataObject) -> None:
    file = data.draw(st.sampled_from(FILES))
    text = with_ends(text_of(file), data.draw(st.sampled_from(["\n", "\r\n", "mark"])))
    content = content_of(text, file)
    groups = [path for path in paths(content) if isinstance(at(content, path), dict | list) and at(content, path)]
    group, value = data.draw(st.sampled_from(groups)), data.draw(VALUES)
    if isinstance(at(content, group), dict):
        deed, path = "set", (*group, "new-entry")
    else:
        deed, path = "insert", (*group, data.draw(st.integers(0, len(at(content, group)))))
    longer = spliced(text, file, deed, path, value)  # type: ignore[arg-type]
    assert at(content_of(longer, file), path) == value or "\n" in str(value)
    assert spliced(longer, file, "remove", path) == text


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_an_entry_set_back_leaves_the_file_byte_for_byte(data: st.DataObject) -> None:
    file = data.draw(st.sampled_from(FILES))
    text = with_ends(text_of(file), data.draw(st.sampled_from(["\n", "\r\n", "mark"])))
    content = content_of(text, file)
    plain = [path for path in paths(content) if isinstance(at(content, path), str | int)]
    plain = [path for path in plain if "\n" not in str(at(content, path))]
    path = data.draw(st.sampled_from(plain))
    old = at(content, path)
    clock = ":" in str(old) and len(str(old)) < 6
    new = data.draw(st.sampled_from(["10:10", "09:05:30"] if clock else ["other", "另一个"]))
    assert spliced(spliced(text, file, "set", path, new), file, "set", path, old) == text


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_what_was_meant_is_said_and_no_other_line_is_touched(data: st.DataObject) -> None:
    file = data.draw(st.sampled_from(FILES))
    text = text_of(file)
    content = content_of(text, file)
    leaves = [path for path in paths(content) if path and not isinstance(at(content, path), dict | list)]
    path, value = data.draw(st.sampled_from(leaves)), data.draw(VALUES)
    fresh = spliced(text, file, "set", path, value)
    told = content_of(fresh, file)
    assert changed(content, "set", path, at(told, path)) == told
    comments = [line for line in text.splitlines() if line.lstrip().startswith("#")]
    assert [line for line in comments if line not in fresh.splitlines()] == []


def test_a_whole_entry_sent_again_changes_only_what_differs() -> None:
    text = text_of(PROGRAMME)
    whole = {**content_of(text, PROGRAMME)["dayparts"][4], "to": "10:10"}
    assert spliced(text, PROGRAMME, "set", ("dayparts", 4), whole) == text.replace('to: "10:05"', 'to: "10:10"', 1)


def test_a_new_daypart_is_written_like_its_neighbours() -> None:
    text = spliced(text_of(PROGRAMME), PROGRAMME, "insert", ("dayparts", 5), DAYPART)
    lines = text.splitlines()
    start = lines.index("  - id: new")
    assert lines[start - 1] == "" and lines[start + 5] == "" and lines[start + 2] == '    from: "10:00"'


def test_the_comment_above_an_entry_goes_with_it() -> None:
    text = spliced(text_of(PROGRAMME), PROGRAMME, "remove", ("dayparts", 2))
    assert "有意静默" not in text and "\n\n\n  - id" not in text


@pytest.mark.parametrize(
    ("text", "path"), [("a: &x {b: 1}\nc: *x\n", ("c", "b")), ("a: &x\n  b: 1\nc:\n  <<: *x\n", ("c", "b"))]
)
def test_a_shared_entry_is_left_to_its_writer(text: str, path: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="edit the file by hand"):
        spliced(text, "config/x.yaml", "remove", path)


@pytest.mark.parametrize(
    ("deed", "path"),
    [("remove", ("nothing",)), ("set", ("hours", "open", "x")), ("insert", ("hours", 0)), ("remove", ("a", "x"))],
)
def test_a_path_that_leads_nowhere_is_told(deed: Any, path: tuple[str | int, ...]) -> None:
    with pytest.raises(UsageError):
        spliced(text_of(CALENDAR), CALENDAR, deed, path, 1)


def test_a_file_that_is_not_well_formed_names_its_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"calendar\.yaml:2"):
        spliced("hours: {}\n  a: [\n", CALENDAR, "set", ("hours",), {})
