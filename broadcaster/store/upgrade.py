"""Brings a database to the tables of this version, or of an earlier one, under a lock, in one transaction."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, inspect, select, text

from broadcaster.errors import StoreError, UsageError
from broadcaster.store.migrations import HEAD

if TYPE_CHECKING:
    from alembic.config import Config

# Alembic's environment is global to the process.
_one_at_a_time = threading.Lock()

#: Any number, the same in every version: the PostgreSQL advisory lock that upgrades take.
_ADVISORY = 0x42524F4144


def revision(connection: Connection) -> str | None:
    """The revision of the tables; None for a database without any."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def upgrade(connection: Connection, name: str) -> bool:
    """Bring the tables to ``HEAD`` within the connection's transaction, which must be a writing one.

    Of several processes that come at once one does the work, the others wait and find it done; True for who did it.
    Raises ``StoreError`` with ``name`` if a newer version wrote the database.
    """
    _alone(connection)
    found = revision(connection)
    if found == HEAD:
        return False

    # 11 MB and a tenth of a second, wanted only here.
    from alembic import command

    config, known = _config(connection)
    if found is not None and found not in known:
        raise _too_new(name, found)
    with _one_at_a_time:
        command.upgrade(config, "head")
    return True


def downgrade(connection: Connection, name: str, to: str) -> list[dict[str, Any]]:
    """Bring the tables back to the earlier revision ``to`` within the connection's transaction.

    Returns what they have no place for (see :mod:`broadcaster.store.left_behind`). Raises ``UsageError`` if ``to`` is
    no earlier revision, ``StoreError`` if a newer version wrote the database.
    """
    from alembic import command

    from broadcaster.store.left_behind import columns_of, lost, write_down

    _alone(connection)
    found = revision(connection)
    config, known = _config(connection)
    if found is not None and found not in known:
        raise _too_new(name, found)
    if found is None or to not in known or known.index(to) <= known.index(found):
        earlier = ", ".join(reversed(known[known.index(found) + 1 :])) if found else ""
        raise UsageError(
            f"{to}: 数据库现在是 {found},只能降到 {earlier or '无'} / the tables are of {found}; "
            f"earlier ones are {earlier or 'none'}"
        )
    with _one_at_a_time:
        before = columns_of(connection)
        # What the way back would take is seen by going it once, and not keeping it.
        with connection.begin_nested() as trial:
            command.downgrade(config, to)
            after = columns_of(connection)
            trial.rollback()
        pieces = write_down(connection, lost(before, after), after)
        command.downgrade(config, to)
    return pieces


def _alone(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_ADVISORY)))


def _config(connection: Connection) -> tuple[Config, list[str]]:
    """Alembic's, and the revisions that this version knows, newest first."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config, [step.revision for step in ScriptDirectory.from_config(config).walk_revisions()]


def _too_new(name: str, found: str) -> StoreError:
    return StoreError(
        f"{name}: the tables are of revision {found!r}, newer than this version knows (it knows up to {HEAD!r}). "
        "Install the newer version again, have it downgrade the tables, or restore a backup made before it."
    )
