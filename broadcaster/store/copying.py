"""Copies of the store's database: whole for a backup; without what was on air, for a rehearsal."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from broadcaster.errors import StoreError
from broadcaster.store.sqlite import BUSY_S

_OF_THE_AIR = ("asrun", "interventions")
"""What was on air, by far the largest table, and what people did to it: a stop of today silences no rehearsal."""


def copy_whole(real: Path, copy: Path) -> dict[str, int]:
    """Copy the SQLite file ``real`` to ``copy``, which must not exist; another process may write to it meanwhile.

    What was committed when the copy began is in it, whole. Returns the rows of each of ``real``'s tables at that
    moment. Raises ``StoreError``, and leaves no copy then.
    """
    try:
        copy.parent.mkdir(parents=True, exist_ok=True)
        address = f"{real.absolute().as_uri()}?mode=ro"
        with (
            closing(sqlite3.connect(address, uri=True, timeout=BUSY_S)) as source,
            closing(sqlite3.connect(copy, isolation_level=None)) as target,
        ):
            # In one transaction: what is counted is what is copied.
            source.execute("BEGIN")
            rows = _rows(source)
            source.backup(target)
            # A copy is one file: its log would be a second.
            target.execute("PRAGMA journal_mode=DELETE")
            found = target.execute("PRAGMA quick_check").fetchone()[0]
            if found != "ok":
                raise sqlite3.DatabaseError(str(found))
            return rows
    except (OSError, sqlite3.Error) as error:
        for name in (copy, *copy.parent.glob(f"{copy.name}-*")):
            name.unlink(missing_ok=True)
        raise StoreError(f"{real}: 数据库备份不出来 / it can't be copied ({error})") from error


def _rows(connection: sqlite3.Connection) -> dict[str, int]:
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return {
        name: int(connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])
        for (name,) in sorted(names.fetchall())
    }


def verify_copy(copy: Path, rows: Mapping[str, int]) -> list[str]:
    """What is wrong with a copy that nobody uses: SQLite's own check, and other numbers of rows than it was told."""
    try:
        with closing(sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            found = [line for (line,) in connection.execute("PRAGMA integrity_check") if line != "ok"]
            found += [f"{table}: {line}" for table, line, *_ in connection.execute("PRAGMA foreign_key_check")]
            present = _rows(connection)
    except sqlite3.Error as error:
        return [str(error)]
    names = sorted(rows.keys() | present.keys())
    return found + [
        f"{name}: {present.get(name, 0)} rows, {rows.get(name, 0)} expected"
        for name in names
        if present.get(name) != rows.get(name)
    ]


def clips_in_use(real: Path) -> set[str]:
    """Keys of the recordings of notices that may still air; none where an old or damaged file can't tell."""
    query = """
        SELECT made.clip_key FROM notice_renderings AS made JOIN notice_revisions AS words
        ON words.notice = made.notice AND words.revision = made.revision
        WHERE made.until IS NULL AND words.ended_at IS NULL AND words.last >= date('now', '-2 days')
    """
    try:
        with closing(sqlite3.connect(f"{real.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_S)) as connection:
            return {str(key) for (key,) in connection.execute(query)}
    except sqlite3.Error:
        return set()


def rehome_clips(copy: Path, media: Path) -> None:
    """Have the notices' recordings be in the folder ``media``: a new PC has another. ``StoreError``."""
    try:
        with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
            if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'notice_renderings'").fetchone():
                found = connection.execute("SELECT DISTINCT clip_path FROM notice_renderings").fetchall()
                moved = [(str(media / re.split(r"[\\/]", path)[-1]), path) for (path,) in found]
                connection.execute("BEGIN")
                connection.executemany("UPDATE notice_renderings SET clip_path = ? WHERE clip_path = ?", moved)
                connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise StoreError(f"{copy}: 数据库不能用 / it can't be used ({error})") from error


def copy_for_rehearsal(real: Path, copy: Path) -> None:
    """Copy the SQLite file ``real`` to ``copy``, which must not exist, without the as-run log and the deeds by hand.

    The real one is opened to read only; another process may write to it meanwhile. Its tables are as old as they are:
    :func:`broadcaster.store.database.open_database` brings the copy up to date. Raises ``StoreError``, and leaves no
    copy then.
    """
    try:
        copy.parent.mkdir(parents=True, exist_ok=True)
        address = f"{real.absolute().as_uri()}?mode=ro"
        with (
            closing(sqlite3.connect(address, uri=True, timeout=BUSY_S)) as source,
            # Transactions of the driver's own would hold VACUUM up.
            closing(sqlite3.connect(copy, isolation_level=None)) as target,
        ):
            source.backup(target)
            for table in _OF_THE_AIR:
                if target.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone():
                    target.execute(f"DELETE FROM {table}")
            target.execute("VACUUM")
    except (OSError, sqlite3.Error) as error:
        for name in (copy, *copy.parent.glob(f"{copy.name}-*")):
            name.unlink(missing_ok=True)
        raise StoreError(f"{real}: it can't be copied for the rehearsal ({error})") from error
