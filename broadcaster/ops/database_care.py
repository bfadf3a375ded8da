"""The database's tables changed by hand: under the daemon's lock, and with a copy made first."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from broadcaster.errors import StoreError
from broadcaster.home_lock import held
from broadcaster.settings import Home
from broadcaster.store.database import downgrade_database, look_into, open_database
from broadcaster.store.integrity import Examined, examine_beside
from broadcaster.store.migrations import HEAD
from broadcaster.store.revisions import Account, Downgraded, keep_copy


@dataclass(frozen=True, slots=True)
class Upgraded:
    """How an upgrade went. ``copy`` is from before it; None where there was nothing to do."""

    before: str | None
    after: str
    copy: Path | None
    taken: tuple[str, ...]
    """Files of earlier downgrades whose rows are in the tables again."""


def info(home: Home) -> Account:
    """What there is in the database. Raises ``StoreError`` if there is none."""
    return look_into(_there(home))


def check(home: Home) -> Examined:
    """Read it through in a process of its own; the daemon may run. Raises ``StoreError``."""
    return examine_beside(_there(home))


def upgrade(home: Home) -> Upgraded:
    """Bring it up to this version, as the daemon's start does. Raises ``AlreadyRunning`` and ``StoreError``."""
    path = _there(home)
    with held(home):
        before = look_into(path)
        if before.revision == HEAD:
            return Upgraded(HEAD, HEAD, None, ())
        copy = keep_copy(path, home.var / "backups", f"before-{HEAD}")
        open_database(path).dispose()
        left = set(look_into(path).left)
    return Upgraded(before.revision, HEAD, copy, tuple(name for name in before.left if name not in left))


def downgrade(home: Home, to: str) -> tuple[Downgraded, Path]:
    """Bring it back to the tables of an earlier version; also returns the copy from before.

    Raises ``AlreadyRunning`` while a daemon runs, ``UsageError`` if ``to`` is no earlier revision, ``StoreError``.
    """
    path = _there(home)
    with held(home):
        copy = keep_copy(path, home.var / "backups", f"before-{to if to.isalnum() else 'change'}")
        try:
            return downgrade_database(path, to, path), copy
        except BaseException:
            copy.unlink(missing_ok=True)
            raise


def _there(home: Home) -> Path:
    if not home.database.is_file():
        raise StoreError(f"{home.database}: 还没有数据库 / there is no database yet")
    return home.database
