"""The tables that the second PC has from the main one: people, vendors, notices, and what was done by hand.

SQLite only, and in its own words: every column goes over as it stands, whatever the version's tables are.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from broadcaster.errors import StoreError
from broadcaster.store.sqlite import BUSY_S

MIRRORED = (
    "users", "tokens", "vendors", "contracts", "notices", "notice_revisions", "notice_approvals", "notice_renderings",
    "interventions", "stamps",
)  # fmt: skip
"""In an order in which none refers to a later one."""

Dump = Mapping[str, Mapping[str, Any]]
"""Columns and rows by the table's name."""


def dump_tables(path: Path) -> dict[str, dict[str, Any]]:
    """All of the mirrored tables at one moment. ``StoreError``."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_S)) as connection:
            connection.execute("BEGIN")
            return {name: _table(connection, name) for name in MIRRORED}
    except sqlite3.Error as error:
        raise StoreError(f"{path}: 读不出来 / it can't be read ({error})") from error


def mark_of(dump: Dump) -> str:
    """The same for the same content."""
    return hashlib.sha256(json.dumps(dump, ensure_ascii=False).encode()).hexdigest()[:16]


def apply_tables(path: Path, dump: Dump, media: Path) -> list[str]:
    """Make the tables equal to the dump in one transaction; the names of those that changed. ``StoreError``.

    ``media`` is where this PC has the notices' recordings.
    """
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)) as connection:
            # The log-ins of people that are gone stay behind, and are nobody's.
            connection.execute("PRAGMA foreign_keys = OFF")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("BEGIN IMMEDIATE")
            changed = [name for name in MIRRORED if name in dump and _apply(connection, name, dump[name], media)]
            connection.execute("COMMIT")
            return changed
    except (sqlite3.Error, KeyError, TypeError, ValueError) as error:
        raise StoreError(
            f"{path}: 另一台电脑的数据写不进去 / the other PC's tables can't be taken in ({error})"
        ) from error


def _table(connection: sqlite3.Connection, name: str) -> dict[str, Any]:
    cursor = connection.execute(f'SELECT * FROM "{name}" ORDER BY 1, 2')
    return {"columns": [column[0] for column in cursor.description], "rows": [list(row) for row in cursor]}


def _rehomed(value: Any, media: Path) -> Any:
    """The same with recordings where this PC has them."""
    if isinstance(value, dict):
        return {
            name: str(media / re.split(r"[\\/]", one)[-1])
            if name == "path" and isinstance(one, str) and re.search(r"[\\/]media[\\/][0-9a-f]+\.wav$", one)
            else _rehomed(one, media)
            for name, one in value.items()
        }
    return [_rehomed(one, media) for one in value] if isinstance(value, list) else value


def _apply(connection: sqlite3.Connection, name: str, table: Mapping[str, Any], media: Path) -> bool:
    columns: Sequence[str] = table["columns"]
    rows = [list(row) for row in table["rows"]]
    mine = _table(connection, name)
    if not set(columns) <= set(mine["columns"]):
        # An older program here does not know them all; it must not lose what it does not understand.
        raise ValueError(f"{name}: unknown columns {sorted(set(columns) - set(mine['columns']))}")
    if name == "notice_renderings":
        place = columns.index("clip_path")
        for row in rows:
            row[place] = str(media / re.split(r"[\\/]", row[place])[-1])
    if name == "interventions":
        place = columns.index("params")
        for row in rows:
            row[place] = json.dumps(_rehomed(json.loads(row[place]), media))
        for row in mine["rows"]:
            row[place] = json.dumps(json.loads(row[place]))
    if mine["columns"] == list(columns) and mine["rows"] == rows:
        return False
    names, marks = ", ".join(f'"{column}"' for column in columns), ", ".join("?" * len(columns))
    connection.execute(f'DELETE FROM "{name}"')
    connection.executemany(f'INSERT INTO "{name}" ({names}) VALUES ({marks})', rows)
    return True
