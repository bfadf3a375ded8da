"""Log-ins of programs: a token that is shown once and acts for an account, until it is revoked or runs out."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, insert, or_, select, update

from broadcaster.clock import Clock, SystemClock
from broadcaster.errors import UsageError
from broadcaster.store.audit import record_on
from broadcaster.store.database import Database
from broadcaster.store.people import SHOWN, User
from broadcaster.store.sessions import key_hash
from broadcaster.store.tables import tokens, users

PREFIX = "bct_"
"""Lets a search for secrets in files find one."""
MOST = 20
LONGEST = timedelta(days=3660)
USED_EVERY = timedelta(seconds=60)
_NAME_MOST = 60


@dataclass(frozen=True, slots=True)
class Token:
    """A program's log-in. ``expires_at`` None: until it is revoked."""

    id: int
    user: int
    name: str
    made_at: datetime
    expires_at: datetime | None
    used_at: datetime | None


_SHOWN = (tokens.c.id, tokens.c.user, tokens.c.name, tokens.c.made_at, tokens.c.expires_at, tokens.c.used_at)


def end_tokens(connection: Connection, user: int, at: datetime) -> int:
    """Revoke all of an account's tokens, within the transaction that needs it. Returns how many."""
    statement = update(tokens).where(tokens.c.user == user, tokens.c.ended_at.is_(None))
    return connection.execute(statement.values(ended_at=at)).rowcount


class Tokens:
    """The tokens; may be shared by threads. ``StoreError`` as of :class:`Database`."""

    def __init__(self, database: Database, clock: Clock | None = None) -> None:
        self._database = database
        self._clock = clock or SystemClock()

    def make(
        self, user: int, name: str, expires_at: datetime | None = None, *, by: str = "", where: str = ""
    ) -> tuple[str, Token]:
        """A new token and its secret, which is kept nowhere else.

        Raises ``UsageError`` for no name or a long one, an expiry that is past or beyond ten years, or more than 20.
        """
        now, name = self._clock.now(), " ".join(name.split())
        if not 1 <= len(name) <= _NAME_MOST:
            raise UsageError(
                f"令牌要有名字,最多 {_NAME_MOST} 字 / a token has a name of at most {_NAME_MOST} characters"
            )
        if expires_at is not None and not now < expires_at <= now + LONGEST:
            raise UsageError(
                f"有效期不对:{expires_at.isoformat()} / it can't expire then: {expires_at.isoformat()}; "
                "a time to come, at most ten years"
            )
        secret = PREFIX + secrets.token_urlsafe(32)
        values = {"user": user, "name": name, "token_hash": key_hash(secret), "made_at": now, "expires_at": expires_at}
        with self._database.writing() as connection:
            open_ones = select(func.count()).where(
                tokens.c.user == user, tokens.c.ended_at.is_(None),
                or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > now),
            )  # fmt: skip
            if connection.execute(open_ones).scalar_one() >= MOST:
                raise UsageError(f"令牌已有 {MOST} 个,先删掉不用的 / there are {MOST} tokens already: revoke one first")
            row = connection.execute(insert(tokens).values(values).returning(*_SHOWN)).mappings().one()
            detail = {"token": row["id"], "name": name}
            record_on(connection, at=now, who=by, what="token.make", detail=detail, where=where)
        return secret, Token(**row)

    def find(self, secret: str) -> tuple[Token, User] | None:
        """The token of a secret and its account as it is now; None if it is none, revoked, or over."""
        if not secret.startswith(PREFIX):
            return None
        query = select(*_SHOWN, *(column.label(f"u_{column.name}") for column in SHOWN))
        query = query.join(users, users.c.id == tokens.c.user).where(
            tokens.c.token_hash == key_hash(secret), tokens.c.ended_at.is_(None), users.c.active
        )
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().one_or_none()
        if row is None or (row["expires_at"] is not None and row["expires_at"] <= self._clock.now()):
            return None
        found = Token(**{column.name: row[column.name] for column in _SHOWN})
        return found, User(**{column.name: row[f"u_{column.name}"] for column in SHOWN})

    def used(self, token: Token) -> None:
        """Note that it was used. Written at most once a minute."""
        now = self._clock.now()
        if token.used_at is None or now - token.used_at >= USED_EVERY:
            with self._database.writing() as connection:
                connection.execute(update(tokens).where(tokens.c.id == token.id).values(used_at=now))

    def of(self, user: int) -> list[Token]:
        """An account's tokens that are not revoked, the newest first; those that ran out too."""
        query = select(*_SHOWN).where(tokens.c.user == user, tokens.c.ended_at.is_(None))
        with self._database.reading() as connection:
            return [Token(**row) for row in connection.execute(query.order_by(tokens.c.id.desc())).mappings()]

    def end(self, user: int, number: int, *, by: str = "", where: str = "") -> None:
        """Revoke one token of this account. ``UsageError`` if it has no such one: another's is none of its own."""
        now = self._clock.now()
        statement = update(tokens).where(tokens.c.id == number, tokens.c.user == user, tokens.c.ended_at.is_(None))
        with self._database.writing() as connection:
            if not connection.execute(statement.values(ended_at=now)).rowcount:
                raise UsageError(f"没有令牌 {number} / there is no token {number}")
            record_on(connection, at=now, who=by, what="token.end", detail={"token": number}, where=where)
