"""The files of what child processes complain of."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from broadcaster import child_log
from broadcaster.child_log import FILES, cut, open_child_log


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_log, "MOST_BYTES", 1000)


def test_a_long_file_is_put_aside_at_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "log" / "engine.log"
    for number in range(7):
        with open_child_log(path) as file:
            file.write(f"{number}".encode() * 1500)
    kept = sorted(one.name for one in path.parent.iterdir())
    assert kept == ["engine.log", *[f"engine.log.{number}" for number in range(1, FILES + 1)]]
    assert [(path.parent / name).read_bytes()[:1] for name in kept] == [b"6", b"5", b"4", b"3"]


def test_a_short_file_is_gone_on_with(tmp_path: Path) -> None:
    for _ in range(3):
        with open_child_log(tmp_path / "engine.log") as file:
            file.write(b"a line\n")
    assert (tmp_path / "engine.log").read_bytes() == b"a line\n" * 3


def test_a_child_starts_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("in the way")
    with open_child_log(tmp_path / "log" / "engine.log") as file:
        file.write(b"to nobody")
    assert file.name == os.devnull


@pytest.mark.skipif(sys.platform == "win32", reason="is left alone there")
def test_a_running_child_goes_on_from_the_start_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "engine.log"
    speak = "import sys\nfor line in sys.stdin: sys.stderr.write(line); sys.stderr.flush(); print(flush=True)"
    with open_child_log(path) as errors:
        child = subprocess.Popen(
            [sys.executable, "-c", speak], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors
        )
    assert child.stdin and child.stdout

    def say(words: bytes) -> None:
        assert child.stdin and child.stdout
        child.stdin.write(words + b"\n")
        child.stdin.flush()
        child.stdout.readline()

    say(b"x" * 2000 + b" last words")
    assert cut(path) and not cut(path)
    say(b"afterwards")
    assert path.read_bytes() == b"afterwards\n"
    assert (tmp_path / "engine.log.1").read_bytes().endswith(b"x last words\n")
    child.communicate()
