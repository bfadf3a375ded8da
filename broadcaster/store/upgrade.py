"""Brings a database to the tables of this version, under a lock, in one transaction."""

from __future__ import annotations

import threading
from pathlib import Path

from sqlalchemy import Connection, func, inspect, select, text

from broadcaster.errors import StoreError
from broadcaster.store.migrations import HEAD

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


def upgrade(connection: Connection, name: str) -> None:
    """Bring the tables to ``HEAD`` within the connection's transaction, which must be a writing one.

    Of several processes that come at once one does the work, the others wait and find it done.
    Raises ``StoreError`` with ``name`` if a newer version wrote the database.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_ADVISORY)))
    found = revision(connection)
    if found == HEAD:
        return

    # 11 MB and a tenth of a second, wanted only here.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    known = {step.revision for step in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise StoreError(
            f"{name}: the tables are of revision {found!r}, newer than this version knows (it knows up to {HEAD!r}). "
            "Install the newer version again, or restore a backup made before it."
        )
    with _one_at_a_time:
        command.upgrade(config, "head")
