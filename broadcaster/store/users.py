"""The accounts: who may log in, and as what. Passwords are kept as scrypt hashes only."""

from __future__ import annotations

import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import RowMapping, insert, select, update
from werkzeug.security import check_password_hash, generate_password_hash

from broadcaster.clock import Clock, SystemClock
from broadcaster.errors import StoreConflict, UsageError
from broadcaster.store.audit import record_on
from broadcaster.store.database import Database
from broadcaster.store.tables import users

ROLES = ("announcer", "promo", "manager", "supervisor", "it")
"""播音员, 促销员, 经理, 监听, 信息."""

PASSWORD_LEAST = 8
PASSWORD_MOST = 200
"""Hashing takes time by length: nobody shall keep the processor busy with a novel."""
_NAME_MOST = 40

_SHOWN = (
    users.c.id, users.c.name, users.c.display, users.c.role, users.c.active, users.c.created_at, users.c.session_stamp
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class User:
    """An account. ``session_stamp`` changes with the password and when it is switched off: older sessions end."""

    id: int
    name: str
    display: str
    role: str
    active: bool
    created_at: datetime
    session_stamp: str


class Users:
    """Reads and changes the accounts; may be shared by threads. ``StoreError`` as of :class:`Database`.

    Every change is in the audit trail, as done by ``by`` (the account itself unless given) from ``where``.
    """

    def __init__(self, database: Database, clock: Clock | None = None) -> None:
        self._database = database
        self._clock = clock or SystemClock()

    def add(
        self, name: str, display: str, role: str, password: str, *, by: str = "", where: str = ""
    ) -> User:  # fmt: skip
        """A new account. Raises ``UsageError`` for a name that is taken or none, a role that is none, a password."""
        name = _name(name)
        if role not in ROLES:
            raise UsageError(f"没有角色“{role}”,可选 / no such role; there are: {'、'.join(ROLES)}")
        now = self._clock.now()
        values = {
            "name": name,
            "folded": _folded(name),
            "display": display.strip() or name,
            "role": role,
            "password_hash": _hashed(password),
            "active": True,
            "created_at": now,
            "session_stamp": secrets.token_hex(8),
        }
        try:
            with self._database.writing() as connection:
                row = connection.execute(insert(users).values(values).returning(*_SHOWN)).mappings().one()
                detail = {"name": name, "role": role}
                record_on(connection, at=now, who=by or name, what="user.add", detail=detail, where=where)
        except StoreConflict:
            raise UsageError(f"账号“{name}”已经有了 / there is an account “{name}” already") from None
        return _user(row)

    def check(self, name: str, password: str) -> User | None:
        """The active account of this name if the password is right. Takes as long when there is no such account."""
        query = select(users.c.password_hash, *_SHOWN).where(users.c.folded == _folded(name))
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().one_or_none()
        known = row["password_hash"] if row is not None else _nobodys_hash()
        right = len(password) <= PASSWORD_MOST and check_password_hash(known, password)
        return _user(row) if row is not None and right and row["active"] else None

    def get(self, name: str) -> User | None:
        """The account of this name; case and width don't matter."""
        with self._database.reading() as connection:
            query = select(*_SHOWN).where(users.c.folded == _folded(name))
            row = connection.execute(query).mappings().one_or_none()
        return _user(row) if row is not None else None

    def list(self) -> list[User]:
        """All accounts, in the order in which they were made."""
        with self._database.reading() as connection:
            return [_user(row) for row in connection.execute(select(*_SHOWN).order_by(users.c.id)).mappings()]

    def set_password(self, name: str, password: str, *, by: str = "", where: str = "") -> User:
        """A new password: sessions of the old one end. Raises ``UsageError``."""
        return self._change(
            name, "user.password", {}, by, where, password_hash=_hashed(password), session_stamp=secrets.token_hex(8)
        )

    def set_active(self, name: str, active: bool, *, by: str = "", where: str = "") -> User:
        """Switch an account off (its sessions end) or on. Raises ``UsageError`` if there is none."""
        return self._change(
            name, "user.active", {"active": active}, by, where, active=active, session_stamp=secrets.token_hex(8)
        )

    def _change(self, name: str, what: str, detail: dict[str, Any], by: str, where: str, **values: Any) -> User:
        with self._database.writing() as connection:
            statement = update(users).where(users.c.folded == _folded(name)).values(values).returning(*_SHOWN)
            row = connection.execute(statement).mappings().one_or_none()
            if row is None:
                raise UsageError(f"没有账号“{name}” / there is no account “{name}”")
            known = {"name": row["name"], **detail}
            record_on(connection, at=self._clock.now(), who=by or row["name"], what=what, detail=known, where=where)
            return _user(row)


def _user(row: RowMapping) -> User:
    return User(**{column.name: row[column.name] for column in _SHOWN})


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().casefold()


def _name(text: str) -> str:
    name = unicodedata.normalize("NFKC", text).strip()
    if not 1 <= len(name) <= _NAME_MOST or not all(char.isalnum() or char in "._-@" for char in name):
        raise UsageError(
            f"账号名“{text}”不行:1 到 {_NAME_MOST} 个字,只用汉字、字母、数字和 . _ - @ / "
            f"“{text}” is no name for an account: letters, digits and . _ - @ only, at most {_NAME_MOST}"
        )
    return name


def _hashed(password: str) -> str:
    if not PASSWORD_LEAST <= len(password) <= PASSWORD_MOST:
        raise UsageError(
            f"密码要有 {PASSWORD_LEAST} 到 {PASSWORD_MOST} 个字符,现在是 {len(password)} 个 / "
            f"a password has {PASSWORD_LEAST} to {PASSWORD_MOST} characters; this one has {len(password)}"
        )
    return generate_password_hash(password)


@cache
def _nobodys_hash() -> str:
    return generate_password_hash(secrets.token_hex(16))
