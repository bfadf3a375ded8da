"""A rehearsal has the store's people and notices, and leaves the store's database as it is."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from broadcaster.asrun.log import AsRunLog
from broadcaster.errors import StoreError
from broadcaster.log_opening import open_log
from broadcaster.recovery import AliveStamp
from broadcaster.settings import Home
from broadcaster.store.copying import copy_for_rehearsal
from broadcaster.store.database import Database, open_database
from broadcaster.store.users import Users
from tests.notice_kit import BOB, NINE, TODAY, HandClock, Scene
from tests.store_support import DAY, spot


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with an account, an airing notice and a long log."""
    home = Home(tmp_path)
    database = open_database(home.database)
    scene = Scene(database)
    Users(database, scene.clock).add("bob", "Bob", "manager", "secret-word-1")
    scene.ready("欢迎光临")
    log = AsRunLog(database, "main")
    for number in range(300):
        log.skip_spot(**spot(f"spot-{number}"), reason="for the sake of length" * 20)
    database.dispose()
    return home


def mark(home: Home) -> str:
    return hashlib.sha256(home.database.read_bytes()).hexdigest()


def rehearsed(home: Home) -> Database:
    home.run.mkdir(parents=True, exist_ok=True)
    return open_log(home, HandClock(), AliveStamp(home, rehearsal=True), rehearsal=True)[0]


def test_people_and_notices_come_along_and_the_log_does_not(home: Home) -> None:
    before = mark(home)
    database = rehearsed(home)
    scene = Scene(database)
    assert Users(database).check("bob", "secret-word-1") and scene.get(1).state == "ready"
    assert [one.id for one in scene.desk.feed(TODAY)] == ["notice-1"] and scene.desk.history(1)
    assert AsRunLog(database, "main").entries(DAY) == []
    assert home.rehearsal_database.stat().st_size < home.database.stat().st_size / 2
    scene.desk.withdraw(1, BOB)
    database.dispose()
    assert mark(home) == before


def test_a_rehearsal_that_goes_on_keeps_its_own(home: Home) -> None:
    database = rehearsed(home)
    Scene(database).desk.withdraw(1, BOB)
    database.dispose()
    AliveStamp(home, rehearsal=True).stamp(NINE)
    database = rehearsed(home)
    assert Scene(database).get(1).state == "withdrawn"
    database.dispose()


def test_a_fresh_one_begins_with_the_store_again(home: Home) -> None:
    database = rehearsed(home)
    Scene(database).desk.withdraw(1, BOB)
    database.dispose()
    database = rehearsed(home)
    assert Scene(database).get(1).state == "ready"
    database.dispose()


def test_what_a_running_daemon_has_just_written_comes_along(home: Home) -> None:
    running = open_database(home.database)
    scene = Scene(running)
    scene.ready("刚刚批准的。")
    try:
        database = rehearsed(home)
        assert Scene(database).get(2).draft.text == "刚刚批准的。"
        database.dispose()
    finally:
        running.dispose()


def test_without_a_store_of_its_own_a_rehearsal_begins_empty(tmp_path: Path) -> None:
    home = Home(tmp_path)
    database = rehearsed(home)
    assert Users(database).list() == [] and not home.database.exists()
    database.dispose()


def test_a_damaged_store_can_not_be_copied_and_is_left_alone(home: Home) -> None:
    with home.database.open("r+b") as file:
        file.write(b"no database at all" * 10)
    before = mark(home)
    with pytest.raises(StoreError, match="rehearsal"):
        copy_for_rehearsal(home.database, home.rehearsal_database)
    assert list(home.rehearsal_database.parent.iterdir()) == []
    database = rehearsed(home)
    assert Users(database).list() == [] and mark(home) == before
    database.dispose()


def test_a_store_without_tables_yet_is_copied(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.var.mkdir()
    with closing(sqlite3.connect(home.database)) as empty:
        empty.execute("PRAGMA user_version = 1")
    database = rehearsed(home)
    assert Users(database).list() == []
    database.dispose()
