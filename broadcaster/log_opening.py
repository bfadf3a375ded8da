"""Opens the daemon's database: a damaged one is set aside, for one that can't be opened another is used meanwhile."""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path

from broadcaster.asrun.log import AsRunLog
from broadcaster.clock import Clock
from broadcaster.decisions import decided
from broadcaster.errors import BroadcasterError, StoreDamaged, StoreError
from broadcaster.ops.database_watch import DatabaseWatch
from broadcaster.recovery import AliveStamp, continues_rehearsal
from broadcaster.settings import Home
from broadcaster.store.copying import copy_for_rehearsal
from broadcaster.store.database import Database, open_database
from broadcaster.store.sqlite import set_aside

log = logging.getLogger(__name__)

LOG_BUSY_S = 1.0
"""A writer waits this long for another's write. The conductor does not (:mod:`broadcaster.playout.journal`)."""


def open_log(home: Home, clock: Clock, alive: AliveStamp, *, rehearsal: bool) -> tuple[Database, DatabaseWatch]:
    """The database to write to, whatever became of the proper one, and who tells people of that."""
    path = home.rehearsal_database if rehearsal else home.database
    if rehearsal:
        _prepare_rehearsal(home, path, anew=not continues_rehearsal(alive.read(), clock.now()))
    try:
        database = _open_or_set_aside(path)
    except StoreError as error:
        # The air must not stop for a log that can't be opened: what airs is written beside it, and the page says so.
        beside = home.run / "log-in-need.db"
        log.error("the log can't be opened, writing to %s instead: %s", beside.name, error)
        decided("database-unopened", instead=beside.name, why=str(error))
        return open_database(beside, busy_s=LOG_BUSY_S), DatabaseWatch(home, None, str(error))
    return database, DatabaseWatch(home, database.path)


def _open_or_set_aside(path: Path) -> Database:
    try:
        return open_database(path, check=True, busy_s=LOG_BUSY_S)
    except StoreDamaged as error:
        aside = set_aside(path)
        log.error("the log is damaged and was set aside as %s: %s", aside.name, error)
        decided("database-set-aside", aside=aside.name, why=str(error))
    return open_database(path, busy_s=LOG_BUSY_S)


def _prepare_rehearsal(home: Home, path: Path, *, anew: bool) -> None:
    if anew:
        for name in (path, *path.parent.glob(f"{path.name}-*")):
            Path(name).unlink(missing_ok=True)
    if not path.exists() and home.database.exists():
        try:
            copy_for_rehearsal(home.database, path)
        except StoreError as error:
            log.error("the rehearsal goes without accounts and notices: %s", error)


def open_history(home: Home, asrun: AsRunLog, zone: str, parts: contextlib.ExitStack) -> AsRunLog:
    """A rehearsal takes the turns that the real day would: by what really aired."""
    if not home.database.exists():
        return asrun
    try:
        database = open_database(home.database)
    except BroadcasterError as error:
        log.warning("the log of the real air can't be read: %s", error)
        return asrun
    parts.callback(database.dispose)
    return AsRunLog(database, zone)
