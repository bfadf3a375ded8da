"""An account as the tables keep it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping

from broadcaster.store.tables import users


@dataclass(frozen=True, slots=True)
class User:
    """An account.

    ``session_stamp`` changes with the password, with the role, and when the account is switched off.
    ``must_change``: somebody else chose the password; nothing is done with it but choosing another.
    """

    id: int
    name: str
    display: str
    role: str
    active: bool
    created_at: datetime
    session_stamp: str
    must_change: bool = False


SHOWN = (
    users.c.id, users.c.name, users.c.display, users.c.role, users.c.active, users.c.created_at, users.c.session_stamp,
    users.c.must_change,
)  # fmt: skip


def user_of(row: RowMapping) -> User:
    """The account in a row that holds :data:`SHOWN`."""
    return User(**{column.name: row[column] for column in SHOWN})
