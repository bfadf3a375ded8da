"""``python -m broadcaster.store.integrity FILE``: reads an SQLite database through, and tidies it, beside the daemon.

A process of its own with the lowest priority: reading years of log takes seconds, and must take neither the daemon's
processor nor its locks. One JSON document on standard output; status 0 if nothing is wrong.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from broadcaster.clock import monotonic
from broadcaster.errors import StoreError

LOCK_S = 0.05
"""How long what is tidied may wait with a lock in hand; what the daemon has open is then left for another night."""
_ROWS_LOOKED_AT = 400
"""SQLite's own advice for ``PRAGMA optimize``: https://www.sqlite.org/pragma.html#pragma_optimize."""
_LOG_BYTES = 16_000_000
"""A log of changes that has grown beyond this is cut; a smaller one is used again as it is."""
LIMIT_S = 1800.0


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found. All is well where ``faults`` is empty."""

    faults: tuple[str, ...]
    """In SQLite's words, at most a hundred; rows that refer to what is not there come last."""
    seconds: float
    bytes: int
    tidied: bool
    """Whether the log of changes was folded into the file."""

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def examine(path: Path) -> Examined:
    """Do it here and now. Raises ``StoreError`` if the file can't be read at all."""
    begun = monotonic()
    try:
        with closing(_open(path)) as connection:
            faults = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
            faults = [] if faults == ["ok"] else faults
            for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check").fetchmany(100):
                faults.append(f"{table}: row {row} refers to a row of {parent} that is not there")
            tidied = not faults and _tidy(connection, path)
        size = path.stat().st_size
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise StoreError(f"{path}: {error}") from error
        return Examined((str(error),), round(monotonic() - begun, 3), path.stat().st_size, False)
    except OSError as error:
        raise StoreError(f"{path}: {error}") from error
    return Examined(tuple(faults), round(monotonic() - begun, 3), size, tidied)


def _open(path: Path) -> sqlite3.Connection:
    # Not made anew where it is gone.
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=LOCK_S, isolation_level=None)
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def _tidy(connection: sqlite3.Connection, path: Path) -> bool:
    try:
        connection.execute(f"PRAGMA analysis_limit={_ROWS_LOOKED_AT}")
        connection.execute("PRAGMA optimize")
        # Without any lock: what is folded in, the next writer writes over.
        busy, pages, folded = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        if path.with_name(f"{path.name}-wal").stat().st_size > _LOG_BYTES:
            # Writers wait for what was left over just now, which is little.
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except (sqlite3.OperationalError, FileNotFoundError):
        return False
    return not busy and pages == folded


def examine_beside(path: Path, *, limit_s: float = LIMIT_S) -> Examined:
    """The same in another process. Raises ``StoreError`` if it can't be done, or not within ``limit_s``."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", __name__, str(path)], capture_output=True, timeout=limit_s, check=False
        )
        document = json.loads(done.stdout)
        return Examined(**{**document, "faults": tuple(document["faults"])})
    except subprocess.TimeoutExpired as error:
        raise StoreError(f"{path}: it was not read through within {limit_s:g} s") from error
    except (OSError, ValueError, TypeError, KeyError) as error:
        words = done.stderr.decode("utf-8", "replace").strip() if "done" in locals() else ""
        raise StoreError(f"{path}: {words[-500:] or error}") from error


def _go_last() -> None:
    with suppress(psutil.Error, OSError, AttributeError):
        if sys.platform == "win32":
            psutil.Process().nice(psutil.IDLE_PRIORITY_CLASS)
            psutil.Process().ionice(psutil.IOPRIO_VERYLOW)
        else:
            os.nice(19)
            psutil.Process().ionice(psutil.IOPRIO_CLASS_IDLE)


def main() -> int:
    """The process."""
    _go_last()
    try:
        found = examine(Path(sys.argv[1]))
    except StoreError as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(asdict(found)))
    return 0 if found.ok else 1


if __name__ == "__main__":
    sys.exit(main())
