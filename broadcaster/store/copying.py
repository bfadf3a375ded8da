"""Copies of the store's database: whole for a backup; without what was on air, for a rehearsal."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from broadcaster.errors import StoreError
from broadcaster.store.sqlite import BUSY_S

_OF_THE_AIR = ("asrun", "interventions")
"""What was on air, by far the largest table, and what people did to it: a stop of today silences no rehearsal."""


def copy_whole(real: Path, copy: Path) -> None:
    """Copy the SQLite file ``real`` to ``copy``, which must not exist; another process may write to it meanwhile.

    What was committed when the copy began is in it, whole. Raises ``StoreError``, and leaves no copy then.
    """
    try:
        copy.parent.mkdir(parents=True, exist_ok=True)
        address = f"{real.absolute().as_uri()}?mode=ro"
        with (
            closing(sqlite3.connect(address, uri=True, timeout=BUSY_S)) as source,
            closing(sqlite3.connect(copy, isolation_level=None)) as target,
        ):
            source.backup(target)
            # A copy is one file: its log would be a second.
            target.execute("PRAGMA journal_mode=DELETE")
            found = target.execute("PRAGMA quick_check").fetchone()[0]
            if found != "ok":
                raise sqlite3.DatabaseError(str(found))
    except (OSError, sqlite3.Error) as error:
        for name in (copy, *copy.parent.glob(f"{copy.name}-*")):
            name.unlink(missing_ok=True)
        raise StoreError(f"{real}: 数据库备份不出来 / it can't be copied ({error})") from error


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
