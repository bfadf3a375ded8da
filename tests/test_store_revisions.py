"""Down to earlier tables and up again, without losing a row."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Column, Date, Float, Integer, inspect, text

from broadcaster.errors import StoreError, UsageError
from broadcaster.store.database import Database, downgrade_database, look_into, open_database
from broadcaster.store.migrations import HEAD
from broadcaster.store.revisions import waiting
from broadcaster.store.tables import metadata
from broadcaster.store.types import Instant
from tests.postgres_server import postgres_url
from tests.store_support import BACKENDS, SQLITE, fresh

EARLIER = [f"{number:04}" for number in range(int(HEAD) - 1, 0, -1)]
ROWS = 3


@pytest.fixture(params=BACKENDS)
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str | Path]:
    with fresh(request.param, tmp_path) as database:
        _fill(database)
        database.dispose()
        yield database.path or postgres_url()


def _value(column: Column[Any], row: int) -> Any:
    if column.foreign_keys:
        (key,) = column.foreign_keys
        return _value(key.column, row)
    if isinstance(column.type, Boolean):
        return row % 2 == 0
    if isinstance(column.type, Integer):
        return row
    if isinstance(column.type, Float):
        return row / 3
    if isinstance(column.type, Date):
        return dt.date(2026, 11, row)
    if isinstance(column.type, Instant):
        return dt.datetime(2026, 11, row, 1, 2, 3, 456789, tzinfo=dt.UTC)
    return {"话": [row, None, 0.1]} if isinstance(column.type, JSON) else f"{column.name} “{row}”\n第二行 ' \\ :v0"


def _fill(database: Database) -> None:
    with database.writing() as connection:
        for table in metadata.sorted_tables:
            for row in range(1, ROWS + 1):
                values = {column.name: _value(column, row) for column in table.columns}
                if table.name == "asrun":
                    values["spot_id" if row == 1 else "track"] = None
                connection.execute(table.insert().values(values))


def _content(database: Database, tables: list[str]) -> dict[str, list[dict[str, Any]]]:
    with database.reading() as connection:
        found = {}
        for name in tables:
            rows = connection.execute(text(f'SELECT * FROM "{name}"')).mappings()
            found[name] = sorted((dict(row) for row in rows), key=str)
    return found


def _shape(database: Database) -> Any:
    with database.reading() as connection:
        look = inspect(connection)
        return {
            name: (
                {column["name"]: str(column["type"]) for column in look.get_columns(name)},
                look.get_pk_constraint(name)["constrained_columns"],
                sorted(str(one) for one in look.get_foreign_keys(name)),
                sorted(str(one["name"]) for one in look.get_check_constraints(name)),
                sorted(str(one["name"]) for one in look.get_unique_constraints(name)),
                sorted(str(one["name"]) for one in look.get_indexes(name)),
            )
            for name in look.get_table_names()
        }


def _everything(where: str | Path) -> Any:
    database = open_database(where)
    try:
        return _content(database, [table.name for table in metadata.sorted_tables]), _shape(database)
    finally:
        database.dispose()


def _beside(where: str | Path, tmp_path: Path) -> Path:
    return where if isinstance(where, Path) else tmp_path / "server"


@pytest.mark.parametrize("to", EARLIER)
def test_what_the_earlier_tables_can_hold_stays(where: str | Path, tmp_path: Path, to: str) -> None:
    before = _everything(where)[0]
    done = downgrade_database(where, to, _beside(where, tmp_path))
    assert (done.before, done.after, look_into(where).revision) == (HEAD, to, to)
    kept = look_into(where).tables
    assert kept and all(rows == ROWS for rows in kept.values())
    assert done.file is not None and done.rows >= ROWS * (len(before) - len(kept))


@pytest.mark.parametrize("steps", [["0003"], ["0001"], EARLIER])
def test_all_is_there_again_after_the_way_back(tmp_path: Path, steps: list[str]) -> None:
    path = tmp_path / "broadcaster.db"
    with fresh(SQLITE, tmp_path) as database:
        _fill(database)
    before = _everything(path)
    for to in steps:
        downgrade_database(path, to, path)
    assert len(waiting(path)) == len(steps)
    assert _everything(path) == before
    assert waiting(path) == [] and len(list(tmp_path.glob("*.taken"))) == len(steps)


def test_a_server_gets_its_rows_and_its_numbers_back(where: str | Path, tmp_path: Path) -> None:
    if isinstance(where, Path):
        pytest.skip("SQLite: the test before this one")
    before = _everything(where)
    file = downgrade_database(where, "0001", tmp_path / "server").file
    assert file is not None
    database = open_database(where)
    from broadcaster.store.left_behind import read_file, take_up

    with database.writing() as connection:
        take_up(connection, read_file(file)["pieces"])
    with database.writing() as connection:
        row = connection.execute(text("SELECT nextval(pg_get_serial_sequence('alerts', 'id'))")).scalar_one()
    database.dispose()
    assert row == ROWS + 1
    assert _everything(where) == before


def test_what_was_made_and_deleted_meanwhile_counts(tmp_path: Path) -> None:
    path = tmp_path / "broadcaster.db"
    with fresh(SQLITE, tmp_path) as database:
        _fill(database)
    downgrade_database(path, "0002", path)
    with _raw(path) as raw:
        raw.execute("DELETE FROM users WHERE id = 2")
        raw.execute("DELETE FROM asrun WHERE id = 3")
    database = open_database(path)
    content = _content(database, ["users", "sessions", "tokens", "asrun", "alerts"])
    with database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall() == []
    database.dispose()
    assert {name: len(rows) for name, rows in content.items()} == {
        "users": 2, "sessions": 2, "tokens": 2, "asrun": 2, "alerts": 3,
    }  # fmt: skip


def test_nothing_happens_to_a_database_whose_rest_can_not_be_written(tmp_path: Path) -> None:
    path = tmp_path / "broadcaster.db"
    with fresh(SQLITE, tmp_path) as database:
        _fill(database)
    before = _everything(path)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="没有降级"):
        downgrade_database(path, "0001", tmp_path / "file" / "broadcaster.db")
    assert look_into(path).revision == HEAD
    assert _everything(path) == before


@pytest.mark.parametrize("to", [HEAD, "9999", "", "base", "-1"])
def test_only_an_earlier_revision_is_gone_back_to(tmp_path: Path, to: str) -> None:
    with fresh(SQLITE, tmp_path):
        pass
    with pytest.raises(UsageError, match=", ".join(reversed(EARLIER))):
        downgrade_database(tmp_path / "broadcaster.db", to, tmp_path / "broadcaster.db")


def test_a_file_that_is_none_of_ours_is_left_where_it_is(tmp_path: Path) -> None:
    path = tmp_path / "broadcaster.db"
    with fresh(SQLITE, tmp_path) as database:
        _fill(database)
    before = _everything(path)
    file = downgrade_database(path, "0003", path).file
    assert file is not None
    foreign = file.with_name(file.name.replace(".json", "-0.json"))
    foreign.write_text(json.dumps({"format": 99}), encoding="utf-8")
    assert _everything(path) == before
    assert waiting(path) == [foreign]


def _raw(path: Path) -> Any:
    import contextlib
    import sqlite3

    @contextlib.contextmanager
    def opened() -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(path)
        try:
            with connection:
                yield connection
        finally:
            connection.close()

    return opened()
