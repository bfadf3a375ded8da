"""All that is SQLite's own: how a connection is set up, how damage shows, how a damaged file is put out of the way."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError

from broadcaster.clock import SystemClock, monotonic
from broadcaster.errors import StoreDamaged, StoreError

BUSY_S = 10.0
"""How long a connection waits for another's write. Writes here last milliseconds."""

WRITES = "broadcaster_writes"
"""Execution option of connections that will write."""

_PRIMARY = 0xFF
SMALLEST_PAGE = 512
"""Bytes; SQLite takes a shorter file for an empty one and writes over it."""
_SIDE_FILES = ("-wal", "-shm", "-journal")


def prepare(engine: Engine, *, foreign_keys: bool = True) -> None:
    """Make every connection of the engine durable on power loss, and its transactions real.

    ``foreign_keys`` is off for migrations only: they recreate tables, and the switch is ignored in a transaction.
    """

    def connected(connection: sqlite3.Connection, record: Any) -> None:
        # The driver's own transactions begin too late, and never around DDL; ``began`` begins them instead.
        connection.isolation_level = None
        try:
            use_wal(connection)
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")
        except sqlite3.Error:
            # Left to the garbage collector, the open file could not be renamed on Windows.
            connection.close()
            raise

    def began(connection: Connection) -> None:
        # A transaction that reads first and then wants to write fails at once if another wrote in between;
        # one that says so at its beginning waits its turn.
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", began)


def use_wal(connection: sqlite3.Connection) -> None:
    """Switch the file to write-ahead logging, once in its life.

    The switch needs the file alone and does not wait for it, so that of two processes that make the file together
    one may be refused.
    """
    until = monotonic() + BUSY_S
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & _PRIMARY != sqlite3.SQLITE_BUSY or monotonic() > until:
                raise
            time.sleep(0.02)


def is_damage(error: DBAPIError) -> bool:
    """Whether SQLite complains that the file's content can't be what it wrote."""
    code = getattr(error.orig, "sqlite_errorcode", 0) & _PRIMARY
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def refusal(path: Path, wait_s: float = 1.0) -> str:
    """Why nothing can be written to the file now, in SQLite's words; empty if it can. Nothing is written."""
    connection = None
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=wait_s, isolation_level=None
        )
        connection.execute("BEGIN IMMEDIATE")
        # A file that may only be read shows at the first change.
        connection.execute("CREATE TABLE broadcaster_probe (x)")
        connection.execute("ROLLBACK")
    except sqlite3.Error as error:
        return str(error)
    finally:
        if connection is not None:
            connection.close()
    return ""


def size_at_rest(path: Path) -> int | None:
    """Bytes of a file that no process works on and no log is left to mend; None for any other.

    The file is not opened: closing it would drop the locks that this process's own connections hold on it
    (https://www.sqlite.org/howtocorrupt.html, section 2.2).
    """
    if any(path.with_name(path.name + side).exists() for side in ("-wal", "-journal")):
        return None
    try:
        return path.stat().st_size
    except OSError:
        return None


def refuse_torn(path: Path, size: int, page: int = SMALLEST_PAGE) -> None:
    """Raise ``StoreDamaged`` if ``size`` bytes are no whole number of pages of ``page`` bytes.

    SQLite itself notices when whole pages are missing, but reads a broken last page as if the rest were zeros.
    """
    if size % page:
        raise StoreDamaged(path, f"{size} bytes are not a whole number of pages of {page}")


def page_size(connection: Connection) -> int:
    """Bytes of a page of the file."""
    return int(connection.exec_driver_sql("PRAGMA page_size").scalar_one())


def faults(connection: Connection, *, thorough: bool) -> list[str]:
    """What SQLite finds wrong in the file, at most 100 lines. ``thorough`` also compares indexes with their rows."""
    pragma = "PRAGMA integrity_check" if thorough else "PRAGMA quick_check"
    lines = [str(row[0]) for row in connection.exec_driver_sql(pragma)]
    return [] if lines == ["ok"] else lines


def set_aside(path: Path) -> Path:
    """Rename a damaged database, and what belongs to it, to ``<name>.damaged-<UTC stamp>``; returns the new path.

    Nothing is deleted: much can often be recovered. Every connection of this process must be closed before
    (Windows renames no open file), and only the daemon that holds the home may call this.
    Raises ``StoreError`` if the file can't be renamed.
    """
    stamp = SystemClock().now().strftime("%Y%m%dT%H%M%S.%fZ")
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    try:
        # The database goes first: SQLite drops a log that it finds beside no database, and starts anew.
        path.rename(aside)
        for side in _SIDE_FILES:
            companion = path.with_name(path.name + side)
            if companion.exists():
                companion.rename(aside.with_name(aside.name + side))
    except OSError as error:
        raise StoreError(f"{path}: the damaged database can't be set aside as {aside.name} ({error})") from error
    return aside
