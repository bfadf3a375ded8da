"""``broadcaster database`` on a home."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from filelock import FileLock

from broadcaster.cli import main_group
from broadcaster.errors import AlreadyRunning, StoreError, UsageError
from broadcaster.settings import Home
from broadcaster.store.database import open_database
from broadcaster.store.migrations import HEAD
from broadcaster.store.users import Users


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    database = open_database(home.database)
    Users(database).add("li", "李", "manager", password="correct horse battery")
    database.dispose()
    return home


def _ask(home: Home, *words: str) -> Result:
    return CliRunner().invoke(main_group, ["--home", str(home.root), "database", *words])


def test_down_and_up_by_command_with_a_copy_of_each_state(home: Home) -> None:
    down = json.loads(_ask(home, "downgrade", "0001", "--json").stdout)
    assert down["after"] == "0001" and Path(down["file"]).exists() and Path(down["copy"]).exists()
    assert json.loads(_ask(home, "info", "--json").stdout)["revision"] == "0001"
    up = json.loads(_ask(home, "upgrade", "--json").stdout)
    assert up["before"] == "0001" and up["taken"] == [Path(down["file"]).name]
    found = json.loads(_ask(home, "info", "--json").stdout)
    assert (found["revision"], found["tables"]["users"], found["left"]) == (HEAD, 1, [])
    assert len(list((home.var / "backups").glob("database-before-*.db"))) == 2


def test_it_is_told_in_words_too(home: Home) -> None:
    for words, told in (
        (["info"], "users"), (["check"], "完好"), (["downgrade", "0003"], f"{HEAD} → 0003"),
        (["upgrade"], f"0003 → {HEAD}"), (["upgrade"], "不用升"),
    ):  # fmt: skip
        answer = _ask(home, *words)
        assert answer.exit_code == 0 and told in answer.stdout


def test_nothing_is_changed_under_a_running_daemon(home: Home) -> None:
    home.run.mkdir(parents=True)
    with FileLock(home.run / "daemon.lock"):
        for words in (["downgrade", "0001"], ["upgrade"]):
            assert isinstance(_ask(home, *words).exception, AlreadyRunning)
        assert _ask(home, "check").exit_code == 0
    assert not (home.var / "backups").exists()


def test_damage_is_a_fault(home: Home) -> None:
    content = bytearray(home.database.read_bytes())
    content[4096 * 3 : 4096 * 3 + 500] = b"\xee" * 500
    home.database.write_bytes(content)
    answer = _ask(home, "check", "--json")
    assert answer.exit_code == 1 and json.loads(answer.stdout)["ok"] is False


def test_a_wrong_revision_leaves_no_copy_behind(home: Home) -> None:
    assert isinstance(_ask(home, "downgrade", "9").exception, UsageError)
    assert list((home.var / "backups").glob("*")) == []


def test_without_a_database_none_is_made(tmp_path: Path) -> None:
    for words in ("info", "check", "upgrade"):
        assert isinstance(_ask(Home(tmp_path), words).exception, StoreError)
    assert not Home(tmp_path).database.exists()
