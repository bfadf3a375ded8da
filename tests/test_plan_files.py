"""YAML as people and their editors write it: read as meant, with the line of every entry, or told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from broadcaster.plan.files import Document, entry_name, read
from broadcaster.plan.models import Programme
from broadcaster.plan.plan import Plan
from broadcaster.plan.salvage import salvage
from tests.plan_kit import CALENDAR, PROGRAMME, edited, faults_of, line_of, plan_with, text_of


def content(text: str) -> Document:
    document, faults = read(Path("x"), "x.yaml", text)
    assert faults == [] and document is not None
    return document


def fault_in(data: bytes, folder: Path) -> tuple[str, int | None, str]:
    path = folder / "x.yaml"
    path.write_bytes(data)
    document, (fault,) = read(path, "x.yaml")
    assert document is None
    return fault.code, fault.line, fault.message("en")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 9:20", "9:20"),
        ("a: 09:42", "09:42"),
        ("a: 17:30:00", "17:30:00"),
        ("a: on", "on"),
        ("a: no", "no"),
        ("a: off # switched", "off"),
        ("a: true", True),
        ("a: 010", 10),
        ("a: 10:00-11:30", "10:00-11:30"),
        ("a: '双休#1'", "双休#1"),
        ("a: |\n  一\n  二\n", "一\n二\n"),
    ],
)
def test_what_yaml_1_1_would_have_turned_into_something_else_stays(text: str, value: object) -> None:
    assert content(text).content == {"a": value}


def test_an_unquoted_time_is_a_time() -> None:
    text = text_of(PROGRAMME).replace('"', "")
    assert faults_of({PROGRAMME: text}) == []


def test_keys_that_look_like_words_of_other_types_stay_text() -> None:
    assert content("on: 1\nyes: 2\n2026-11-28: 3\n20: 4").content == {"on": 1, "yes": 2, "2026-11-28": 3, "20": 4}


def test_every_entry_has_its_line() -> None:
    document = content("# head\na:\n  - x: 1\n\n  - {y: 2,\n     z: 3}\nb: {c: [4,\n  5]}\n")
    places = {entry_name(keys): line for keys, line in document.lines.items()}
    assert places == {"a": 2, "a[0]": 3, "a[0].x": 3, "a[1]": 5, "a[1].y": 5, "a[1].z": 6,
                      "b": 7, "b.c": 7, "b.c[0]": 7, "b.c[1]": 8}  # fmt: skip


def test_an_entry_without_a_line_has_that_of_the_one_around_it() -> None:
    document = content("a:\n  b: {}\n")
    assert (document.line(("a", "b", "c", 3)), document.line(("nowhere",))) == (2, None)


@pytest.mark.parametrize("head", ["", "\ufeff", "---\n", "%YAML 1.2\n---\n"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_marks_and_line_ends_of_windows_editors_do_no_harm(head: str, end: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(f"{head}a: 1\nb: 欢迎\n".replace("\n", end).encode())
    document, faults = read(path, "x.yaml")
    assert document is not None and faults == []
    assert document.content == {"a": 1, "b": "欢迎"}
    assert document.line(("b",)) == 2 + head.count("\n")


@pytest.mark.parametrize(
    ("data", "line", "said"),
    [
        (b"a: 1\n\tb: 2\n", 2, "tab"),
        (b"a:\n  b: 1\n   c: 2\n", 3, ""),
        (b"a: 1\nb: 2\na: 3\n", 3, "duplicate"),
        (b"a: [1, 2\nb: 3\n", 2, ""),
        (b'a: "x\n', 2, ""),
        (b"a: 1\n---\nb: 2\n", 2, "document"),
        (b"a: *nobody\n", 1, "nobody"),
        ("title: 欢迎:光临: 好\n".encode(), 1, "no colon"),
        (b"a: @x\n", 1, "begins with “@”"),
        (b"a: 'it's'\n", 1, "closing quote"),
        (b'a: "x\\q"\n', 1, "single quotes"),
        (b"a: |\n x\nz\n", 4, "colon is missing"),
        (b"a: 1\nb: \x01\n", 2, "special characters"),
        (b"a: " + b"[" * 1200, None, "too many"),
    ],
)
def test_broken_yaml_is_told_with_its_line(data: bytes, line: int | None, said: str, tmp_path: Path) -> None:
    code, told_line, message = fault_in(data, tmp_path)
    assert (code, told_line) == ("not-yaml", line)
    assert said in message


@pytest.mark.parametrize(
    "data",
    [b"a: 1\n\tb: 2\n", b"a: [1, 2\nb: 3\n", b"a: 'x\n", b"a: b: c\n", b"a: 1\na: 2\n", b"- a\nb: 1\n", b"a: {b: 1\n"],
)
def test_a_chinese_reader_is_told_in_chinese(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(data)
    _, (fault,) = read(path, "x.yaml")
    said = fault.message("zh")
    assert "格式写错" in said and not re.search("[a-z]{4}", said)


@pytest.mark.parametrize("data", [b"", b"# nothing but words\n", b"- a\n- b\n", b"hello\n", b"null\n"])
def test_a_file_without_entries_is_told(data: bytes, tmp_path: Path) -> None:
    assert fault_in(data, tmp_path)[:2] == ("not-mapping", 1)


def test_text_that_is_not_utf_8_is_told_with_its_line(tmp_path: Path) -> None:
    assert fault_in("a: 1\nb: 欢迎\n".encode("gbk"), tmp_path)[:2] == ("file-unreadable", 2)
    assert fault_in("a: 1\n".encode("utf-16"), tmp_path)[:2] == ("file-unreadable", 1)


def test_a_folder_in_a_file_s_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").mkdir()
    _, (fault,) = read(tmp_path / "x.yaml", "x.yaml")
    assert fault.code == "file-unreadable" and fault.message("en")


def test_merged_entries_are_read_and_faults_in_them_have_a_line() -> None:
    base = "  - &base\n    id: staff-song"
    merged = "  - <<: *base\n    id: copy\n    from: 00:10\n    to: 25:00\n\n  - id: welcome-music"
    text = edited(PROGRAMME, ("  - id: staff-song", base), ("  - id: welcome-music", merged))
    (fault,) = faults_of({PROGRAMME: text})
    assert (fault.code, fault.line) == ("bad-time", line_of(text, "to: 25:00"))
    document = content(text)
    assert document.content["dayparts"][1]["bed"] == {"playlist": "staff-song"}


def test_mending_leaves_what_is_right_as_it_is() -> None:
    document = content(text_of(PROGRAMME))
    whole = salvage(document, Programme)
    mended = salvage(content(edited(PROGRAMME, ("order: shuffled", "odrer: shuffled"))), Programme)
    assert whole.whole and not mended.whole and mended.made == set()
    assert mended.model == whole.model


def test_a_plan_survives_being_kept_as_json() -> None:
    plan = plan_with({CALENDAR: edited(CALENDAR, ("dates: {}", 'dates: {2026-12-12: {add: event, close: "21:15"}}'))})
    assert Plan.model_validate_json(plan.model_dump_json(by_alias=True)) == plan
