"""The decisions' log."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from broadcaster.clock import SystemClock
from broadcaster.decisions import decided
from broadcaster.ops import log_files
from broadcaster.ops.log_files import logging_to
from broadcaster.settings import Home


def _lines(home: Home) -> list[dict[str, object]]:
    return [json.loads(line) for line in (home.logs / "decisions.jsonl").read_text("utf-8").splitlines()]


def test_a_decision_is_one_line_for_programs_and_one_for_people(tmp_path: Path) -> None:
    home = Home(tmp_path)
    at = SystemClock().now()
    with logging_to(home):
        decided("engine-replaced", reason="没有声音", gap_s=1.23456, at_instant=at, file=Path("a.wav"))
        logging.getLogger("other").warning("no decision")
    (line,) = _lines(home)
    assert {name: line[name] for name in line if name != "at"} == {
        "what": "engine-replaced", "reason": "没有声音", "gap_s": 1.235, "at_instant": at.isoformat(), "file": "a.wav",
    }  # fmt: skip
    readable = (home.logs / "broadcaster.log").read_text("utf-8")
    assert "engine-replaced: reason=没有声音, gap_s=1.235" in readable and "no decision" in readable


def test_the_files_are_rotated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_files, "LOG_BYTES", 2_000)
    home = Home(tmp_path)
    with logging_to(home):
        for number in range(400):
            decided("told", number=number)
    files = sorted(path.name for path in home.logs.glob("decisions.jsonl*"))
    assert len(files) == log_files.LOG_FILES + 1
    assert sum((home.logs / name).stat().st_size for name in files) < 7 * 2_000
    assert _lines(home)[-1]["number"] == 399


def test_a_disk_that_takes_nothing_stops_nobody_and_is_used_again(tmp_path: Path) -> None:
    home = Home(tmp_path)
    in_the_way = home.logs / "decisions.jsonl"
    in_the_way.mkdir(parents=True)
    with logging_to(home):
        decided("lost")
        decided("lost too")
    assert "lost too" in (home.logs / "broadcaster.log").read_text("utf-8")
    in_the_way.rmdir()
    with logging_to(home):
        decided("kept")
    assert [line["what"] for line in _lines(home)] == ["kept"]
