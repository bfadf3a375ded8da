"""The database read through at night."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from broadcaster.asrun.log import AsRunLog
from broadcaster.errors import StoreError
from broadcaster.store.database import Database
from broadcaster.store.integrity import examine, examine_beside
from tests.store_support import SQLITE, fresh, track


@pytest.fixture
def database(tmp_path: Path) -> Path:
    with fresh(SQLITE, tmp_path) as database:
        _write(database, 300)
    return tmp_path / "broadcaster.db"


def _write(database: Database, rows: int) -> None:
    log = AsRunLog(database, "main")
    for _ in range(rows):
        log.track_started(**track())


def test_a_sound_database_is_found_sound_by_the_process_of_its_own(database: Path) -> None:
    found = examine_beside(database)
    assert found.ok and found.bytes == database.stat().st_size


def test_the_log_of_changes_is_folded_in(tmp_path: Path) -> None:
    with fresh(SQLITE, tmp_path) as database:
        _write(database, 20)
        assert examine(tmp_path / "broadcaster.db").tidied


def test_it_is_read_while_the_daemon_writes(tmp_path: Path) -> None:
    with fresh(SQLITE, tmp_path) as database:
        over = threading.Event()

        def write() -> None:
            while not over.is_set():
                _write(database, 5)
                over.wait(0.05)

        writer = threading.Thread(target=write)
        writer.start()
        try:
            found = [examine_beside(tmp_path / "broadcaster.db") for _ in range(3)]
        finally:
            over.set()
            writer.join()
        assert all(one.ok for one in found)


def test_damage_is_found_and_left_as_it_is(database: Path) -> None:
    content = bytearray(database.read_bytes())
    page = len(content) // 2 // 4096 * 4096
    content[page : page + 200] = b"\xee" * 200
    database.write_bytes(content)
    found = examine_beside(database)
    assert not found.ok and not found.tidied
    assert database.read_bytes() == bytes(content)


def test_a_row_that_refers_to_nothing_is_told(database: Path) -> None:
    with closing(sqlite3.connect(database)) as raw, raw:
        raw.execute(
            "INSERT INTO contracts VALUES (1, 'gone', '2026-01-01', '2026-12-31', 'r', 1, 'none', 0, '', '', NULL)"
        )
    assert examine(database).faults == ("contracts: row 1 refers to a row of vendors that is not there",)


def test_who_writes_meanwhile_is_neither_waited_for_nor_disturbed(database: Path) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as raw:
        raw.execute("BEGIN IMMEDIATE")
        raw.execute("INSERT INTO stamps VALUES ('mine', 1)")
        assert examine(database).ok
        raw.execute("COMMIT")
        assert raw.execute("SELECT value FROM stamps WHERE name = 'mine'").fetchone() == (1,)


@pytest.mark.parametrize("how", [examine, examine_beside])
def test_what_is_not_there_is_not_made(tmp_path: Path, how: object) -> None:
    with pytest.raises(StoreError, match=r"broadcaster\.db"):
        how(tmp_path / "broadcaster.db")  # type: ignore[operator]
    assert list(tmp_path.iterdir()) == []


def test_one_that_takes_too_long_is_ended(database: Path) -> None:
    with pytest.raises(StoreError, match="within"):
        examine_beside(database, limit_s=0.01)
