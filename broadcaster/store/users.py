"""The accounts: who may log in, and as what. Of passwords only hashes are kept."""

from __future__ import annotations

import logging
import secrets
import unicodedata
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, text, update

from broadcaster.clock import Clock, SystemClock
from broadcaster.errors import Conflict, StoreConflict, StoreError, UsageError
from broadcaster.store.audit import record_on
from broadcaster.store.database import Database
from broadcaster.store.passwords import PASSWORD_LEAST, PASSWORD_MOST, hashed, is_outdated, is_right, refuse_weak
from broadcaster.store.people import SHOWN, User, user_of
from broadcaster.store.sessions import Sessions, end_sessions
from broadcaster.store.tables import users
from broadcaster.store.tokens import Tokens, end_tokens

__all__ = ["ADMINISTRATORS", "PASSWORD_LEAST", "PASSWORD_MOST", "ROLES", "User", "Users"]

log = logging.getLogger(__name__)

ROLES = ("announcer", "promo", "manager", "supervisor", "it")
"""播音员, 促销员, 经理, 监听, 信息."""
ADMINISTRATORS = ("manager", "it")
"""Who makes accounts: one of them is always left."""

_NAME_MOST = 40
_DISPLAY_MOST = 60


class Users:
    """Reads and changes the accounts; may be shared by threads. ``StoreError`` as of :class:`Database`.

    Every change is in the audit trail, as done by ``by`` (the account itself unless given) from ``where``.
    ``clock`` dates what is done here; log-ins follow ``people_clock``, the computer's own unless given.
    """

    def __init__(self, database: Database, clock: Clock | None = None, people_clock: Clock | None = None) -> None:
        self._database = database
        self._clock = clock or SystemClock()
        self._people_clock = people_clock or SystemClock()
        self.sessions = Sessions(database, self._people_clock)
        self.tokens = Tokens(database, self._people_clock)

    def add(
        self, name: str, display: str, role: str, password: str, *, must_change: bool = False, first: bool = False,
        by: str = "", where: str = "",
    ) -> User:  # fmt: skip
        """A new account; ``first`` only while there is none, else ``Conflict``.

        Raises ``UsageError`` for a name that is taken or none, a role that is none, a weak password.
        """
        name = _name(name)
        if role not in ROLES:
            raise UsageError(f"没有角色“{role}”,可选 / no such role; there are: {'、'.join(ROLES)}")
        refuse_weak(password, name, display.strip())
        now = self._clock.now()
        values = {
            "name": name,
            "folded": folded(name),
            "display": _display(display) or name,
            "role": role,
            "password_hash": hashed(password),
            "active": True,
            "created_at": now,
            "session_stamp": secrets.token_hex(8),
            "must_change": must_change,
        }
        try:
            with self._database.writing() as connection:
                if first:
                    _refuse_second(connection)
                row = connection.execute(insert(users).values(values).returning(*SHOWN)).mappings().one()
                detail = {"name": name, "role": role}
                record_on(connection, at=now, who=by or name, what="user.add", detail=detail, where=where)
        except StoreConflict:
            raise UsageError(f"账号“{name}”已经有了 / there is an account “{name}” already") from None
        return user_of(row)

    def check(self, name: str, password: str) -> User | None:
        """The active account of this name if the password is right. Takes as long when there is no such account.

        A hash of an earlier version's kind is made anew by the way.
        """
        query = select(users.c.password_hash, *SHOWN).where(users.c.folded == folded(name))
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().one_or_none()
        if not is_right(row["password_hash"] if row is not None else None, password):
            return None
        if row is None or not row["active"]:
            return None
        if is_outdated(row["password_hash"]):
            self._rehash(row, password)
        return user_of(row)

    def display(self, name: str) -> str:
        """By what name people know an account; the account's own where there is none."""
        account = self.get(name)
        return account.display if account is not None else name

    def get(self, name: str) -> User | None:
        """The account of this name; case and width don't matter."""
        with self._database.reading() as connection:
            query = select(*SHOWN).where(users.c.folded == folded(name))
            row = connection.execute(query).mappings().one_or_none()
        return user_of(row) if row is not None else None

    def list(self) -> list[User]:
        """All accounts, in the order in which they were made."""
        with self._database.reading() as connection:
            return [user_of(row) for row in connection.execute(select(*SHOWN).order_by(users.c.id)).mappings()]

    def set_password(
        self, name: str, password: str, *, must_change: bool = False, by: str = "", where: str = ""
    ) -> User:
        """A new password: all sessions end, and the tokens too when somebody else sets it. Raises ``UsageError``."""
        refuse_weak(password, name.strip())
        other = bool(by) and folded(by) != folded(name)
        return self._change(
            name, "user.password", {}, by, where, tokens_too=other, password_hash=hashed(password),
            must_change=must_change,
        )  # fmt: skip

    def set_active(self, name: str, active: bool, *, by: str = "", where: str = "") -> User:
        """Switch an account off (its sessions and tokens end) or on.

        Raises ``UsageError`` if there is none, ``Conflict`` for the last who makes accounts.
        """
        return self._change(name, "user.active", {"active": active}, by, where, tokens_too=not active, active=active)

    def set_role(self, name: str, role: str, *, by: str = "", where: str = "") -> User:
        """Another role: its sessions end. Raises as :meth:`set_active`, and ``UsageError`` if there is no such role."""
        if role not in ROLES:
            raise UsageError(f"没有角色“{role}”,可选 / no such role; there are: {'、'.join(ROLES)}")
        return self._change(name, "user.role", {"role": role}, by, where, role=role)

    def set_display(self, name: str, display: str, *, by: str = "", where: str = "") -> User:
        """Another name for others to see; sessions go on. Raises ``UsageError``."""
        shown = _display(display)
        if not shown:
            raise UsageError("名字不能空着 / the name can't be empty")
        return self._change(name, "user.display", {"display": shown}, by, where, sessions_too=False, display=shown)

    def _change(
        self, name: str, what: str, detail: dict[str, Any], by: str, where: str, *, sessions_too: bool = True,
        tokens_too: bool = False, **values: Any,
    ) -> User:  # fmt: skip
        with self._database.writing() as connection:
            before = _administrators(connection)
            if sessions_too:
                values["session_stamp"] = secrets.token_hex(8)
            statement = update(users).where(users.c.folded == folded(name)).values(values).returning(*SHOWN)
            row = connection.execute(statement).mappings().one_or_none()
            if row is None:
                raise UsageError(f"没有账号“{name}” / there is no account “{name}”")
            if before and not _administrators(connection):
                raise Conflict(
                    f"{row['name']} 是最后一个能管理账号的人,先让别人也能管理 / "
                    f"{row['name']} is the last who may make accounts: let somebody else do so first"
                )
            if sessions_too:
                end_sessions(connection, row["id"], self._people_clock.now())
            if tokens_too:
                end_tokens(connection, row["id"], self._people_clock.now())
            known = {"name": row["name"], **detail}
            record_on(connection, at=self._clock.now(), who=by or row["name"], what=what, detail=known, where=where)
            return user_of(row)

    def _rehash(self, row: RowMapping, password: str) -> None:
        same = (users.c.id == row["id"]) & (users.c.password_hash == row["password_hash"])
        try:
            with self._database.writing() as connection:
                connection.execute(update(users).where(same).values(password_hash=hashed(password)))
        except StoreError as error:
            log.warning("the password of %s could not be hashed anew: %s", row["name"], error)


def folded(name: str) -> str:
    """The name without differences of case and width."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def _administrators(connection: Connection) -> int:
    # Locked where rows can be: two who switch each other off at once must not both succeed.
    query = select(users.c.id).where(users.c.active, users.c.role.in_(ADMINISTRATORS)).with_for_update()
    return len(connection.execute(query).all())


def _refuse_second(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE users IN EXCLUSIVE MODE"))
    if connection.execute(select(users.c.id).limit(1)).first() is not None:
        raise Conflict("已经有账号了 / there is an account already")


def _display(text: str) -> str:
    shown = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    if len(shown) > _DISPLAY_MOST:
        raise UsageError(f"名字最多 {_DISPLAY_MOST} 字 / a name has at most {_DISPLAY_MOST} characters")
    return shown


def _name(text: str) -> str:
    name = unicodedata.normalize("NFKC", text).strip()
    if not 1 <= len(name) <= _NAME_MOST or not all(char.isalnum() or char in "._-@" for char in name):
        raise UsageError(
            f"账号名“{text}”不行:1 到 {_NAME_MOST} 个字,只用汉字、字母、数字和 . _ - @ / "
            f"“{text}” is no name for an account: letters, digits and . _ - @ only, at most {_NAME_MOST}"
        )
    return name
