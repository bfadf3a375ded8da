"""Numbers that change when something else did, in whichever process."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from broadcaster.store.database import Database
from broadcaster.store.tables import stamps


def bump(connection: Connection, name: str) -> None:
    """Change a stamp within the transaction that changes what it stands for."""
    if not connection.execute(update(stamps).where(stamps.c.name == name).values(value=stamps.c.value + 1)).rowcount:
        connection.execute(insert(stamps).values(name=name, value=1))


def stamp(database: Database, name: str) -> int:
    """The stamp as it is; 0 before the first change."""
    with database.reading() as connection:
        return connection.execute(select(stamps.c.value).where(stamps.c.name == name)).scalar() or 0
