"""What an older revision of the tables has no place for: written to a file by a downgrade, and taken up again by the
next upgrade.

The file is JSON: whole tables, and of tables that stay the columns that go, by primary key. Values stand as the
database keeps them (SQLite) or as text that it reads again without loss (PostgreSQL).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Inspector, inspect, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.types import TypeEngine

from broadcaster.errors import StoreError

FORMAT = 1
_BOOKKEEPING = "alembic_version"

Columns = dict[str, dict[str, TypeEngine[Any]]]
"""Of each table each column's type."""


def columns_of(connection: Connection) -> Columns:
    """The tables as they are now, those that refer to others after them."""
    look = inspect(connection)
    names = [name for name, _ in look.get_sorted_table_and_fkc_names() if name not in (None, _BOOKKEEPING)]
    return {str(name): {column["name"]: column["type"] for column in look.get_columns(str(name))} for name in names}


def lost(before: Columns, after: Columns) -> dict[str, list[str]]:
    """Columns by table that the later state has not, in the order in which rows can be put back."""
    gone = {table: [name for name in columns if name not in after.get(table, {})] for table, columns in before.items()}
    return {table: names for table, names in gone.items() if names}


def write_down(connection: Connection, gone: Mapping[str, Sequence[str]], after: Columns) -> list[dict[str, Any]]:
    """The rows of what is lost, one piece a table. Columns of a table that stays only where they hold anything."""
    look = inspect(connection)
    pieces = []
    for table, names in gone.items():
        key = look.get_pk_constraint(table)["constrained_columns"] if table in after else []
        wanted = [*key, *names]
        listed = ", ".join(_as_kept(connection, name) for name in wanted)
        where = " OR ".join(f"{_quoted(name)} IS NOT NULL" for name in names) if key else ""
        query = f"SELECT {listed} FROM {_quoted(table)}" + (f" WHERE {where}" if where else "")
        rows = [list(row) for row in connection.execute(text(query))]
        pieces.append({"table": table, "key": key, "columns": wanted, "rows": rows})
    return pieces


def _quoted(name: str) -> str:
    return f'"{name}"'


def _as_kept(connection: Connection, name: str) -> str:
    return f"CAST({_quoted(name)} AS TEXT)" if connection.dialect.name == "postgresql" else _quoted(name)


def read_file(path: Path) -> dict[str, Any]:
    """A file of :func:`write_down`. Raises ``StoreError`` if it is none."""
    try:
        document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise StoreError(f"{path}: 读不出来 / can't be read ({error})") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise StoreError(f"{path}: 不是本程序降级时留下的文件 / not a file that a downgrade of this program left")
    return document


def take_up(connection: Connection, pieces: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """Put rows back within the connection's transaction: how many were taken, and how many no longer fit.

    A row that is there again stays as it is; one that refers to what was deleted meanwhile is left out.
    """
    present = columns_of(connection)
    look = inspect(connection)
    taken = rows = 0
    for piece in pieces:
        table, key = piece["table"], list(piece["key"])
        keep = [index for index, name in enumerate(piece["columns"]) if name in present.get(table, {})]
        rows += len(piece["rows"])
        if not keep or any(name not in present[table] for name in key):
            continue
        names = [piece["columns"][index] for index in keep]
        statement = _statement(connection, table, names, key, present[table])
        values = [{f"v{place}": row[index] for place, index in enumerate(keep)} for row in piece["rows"]]
        taken += _run(connection, statement, values)
        if not key:
            taken -= _orphans(connection, table)
            _count_on(connection, look, table)
    return taken, rows - taken


def _statement(
    connection: Connection, table: str, names: Sequence[str], key: Sequence[str], types: Mapping[str, TypeEngine[Any]]
) -> str:
    typed = connection.dialect.name == "postgresql"

    def value(name: str) -> str:
        place = f":v{names.index(name)}"
        return f"CAST({place} AS {types[name].compile(connection.dialect)})" if typed else place

    if not key:
        listed = ", ".join(map(_quoted, names))
        return f"INSERT INTO {_quoted(table)} ({listed}) VALUES ({', '.join(map(value, names))})"
    changes = ", ".join(f"{_quoted(name)} = {value(name)}" for name in names if name not in key)
    found = " AND ".join(f"{_quoted(name)} = {value(name)}" for name in key)
    return f"UPDATE {_quoted(table)} SET {changes} WHERE {found}"


def _run(connection: Connection, statement: str, values: Sequence[Mapping[str, Any]]) -> int:
    done = 0
    for row in values:
        # Each by itself: one that no longer fits must not keep the others out.
        with suppress(IntegrityError), connection.begin_nested():
            done += connection.execute(text(statement), dict(row)).rowcount
    return done


def _orphans(connection: Connection, table: str) -> int:
    """Take out again what refers to nothing; only SQLite lets it in, whose foreign keys rest during an upgrade."""
    if connection.dialect.name != "sqlite":
        return 0
    found = {row[1] for row in connection.exec_driver_sql(f"PRAGMA foreign_key_check({_quoted(table)})")}
    for rowid in found:
        connection.execute(text(f"DELETE FROM {_quoted(table)} WHERE rowid = :row"), {"row": rowid})
    return len(found)


def _count_on(connection: Connection, look: Inspector, table: str) -> None:
    """Have PostgreSQL's next number follow the rows put back; SQLite takes it from the rows by itself."""
    key = look.get_pk_constraint(table)["constrained_columns"]
    if connection.dialect.name != "postgresql" or len(key) != 1:
        return
    sequence = connection.execute(
        text("SELECT pg_get_serial_sequence(:table, :column)"), {"table": _quoted(table), "column": key[0]}
    ).scalar()
    if sequence:
        connection.execute(
            text(f"SELECT setval(:sequence, (SELECT max({_quoted(key[0])}) FROM {_quoted(table)}))"),
            {"sequence": sequence},
        )
