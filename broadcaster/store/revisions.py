"""The database's tables looked at, brought up to this version, and back to an earlier one, without losing a row."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from broadcaster.clock import SystemClock
from broadcaster.errors import StoreError
from broadcaster.settings import write_whole
from broadcaster.store.copying import copy_whole
from broadcaster.store.left_behind import FORMAT, columns_of, read_file, take_up
from broadcaster.store.migrations import HEAD
from broadcaster.store.upgrade import downgrade, revision, upgrade

log = logging.getLogger(__name__)

_LEFT = ".left-behind-"
_TAKEN = ".taken"


@dataclass(frozen=True, slots=True)
class Downgraded:
    """How a downgrade went."""

    before: str
    after: str
    file: Path | None
    """What the earlier tables have no place for; None if that is nothing."""
    rows: int
    """How many rows of tables and of single columns are in it."""


@dataclass(frozen=True, slots=True)
class Account:
    """What there is in a database."""

    revision: str | None
    head: str
    tables: dict[str, int]
    """How many rows each table has."""
    left: tuple[str, ...]
    """Files that wait for the next upgrade."""


def waiting(beside: Path) -> list[Path]:
    """What downgrades left beside the database and nobody took up yet, latest first."""
    found = beside.parent.glob(f"{beside.name}{_LEFT}*.json")
    return sorted(found, key=lambda path: path.name, reverse=True)


def step_back(connection: Connection, name: str, to: str, beside: Path) -> Downgraded:
    """Downgrade within the connection's transaction; what is lost stands in a file ``beside`` before it is committed.

    Raises ``UsageError``, ``StoreError``; the file is then of no account, for the tables are as they were.
    """
    before = revision(connection) or ""
    pieces = downgrade(connection, name, to)
    rows = sum(len(piece["rows"]) for piece in pieces)
    if not rows:
        return Downgraded(before, to, None, 0)
    now = SystemClock().now()
    path = beside.with_name(f"{beside.name}{_LEFT}{now:%Y%m%dT%H%M%S.%fZ}.json")
    document = {"format": FORMAT, "from": before, "to": to, "at": now.isoformat(), "pieces": pieces}
    try:
        write_whole(path, json.dumps(document, ensure_ascii=False))
    except (OSError, TypeError, ValueError) as error:
        raise StoreError(f"{path}: 存不下来,没有降级 / can't be written, nothing was changed ({error})") from error
    return Downgraded(before, to, path, rows)


def step_up(connection: Connection, name: str, beside: Path | None) -> list[Path]:
    """Upgrade within the connection's transaction, and take up what an earlier downgrade left beside the database.

    Returns the files that are to be put away by :func:`put_away` once it is committed. Raises ``StoreError``.
    """
    if not upgrade(connection, name) or beside is None:
        return []
    taken: list[Path] = []
    for path in waiting(beside):
        try:
            pieces: Sequence[dict[str, Any]] = read_file(path)["pieces"]
        except (StoreError, KeyError) as error:
            # It stays where it is, for somebody to look at; the air does not wait for it.
            log.error("%s", error)
            continue
        rows, unfit = take_up(connection, pieces)
        log.info("%d rows of %s were taken up again, %d no longer fit", rows, path.name, unfit)
        taken.append(path)
    return taken


def put_away(paths: Sequence[Path]) -> None:
    """Keep the files under names that no upgrade looks at."""
    for path in paths:
        try:
            path.rename(path.with_name(path.name + _TAKEN))
        except OSError as error:
            log.warning("%s: can't be renamed (%s)", path, error)


def account(connection: Connection, beside: Path | None) -> Account:
    """Counts everything: some seconds for a log of years."""
    tables = {
        name: int(connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one())
        for name in sorted(columns_of(connection))
    }
    left = tuple(path.name for path in waiting(beside)) if beside is not None else ()
    return Account(revision(connection), HEAD, tables, left)


def keep_copy(database: Path, folder: Path, why: str) -> Path:
    """A whole copy of an SQLite file before its tables change. Raises ``StoreError``."""
    copy = folder / f"database-{why}-{SystemClock().now():%Y%m%dT%H%M%SZ}.db"
    copy.unlink(missing_ok=True)
    copy_whole(database, copy)
    return copy
