"""Log-ins of browsers: a random key in the cookie, its hash here.

A session ends after 12 h without anybody, after 7 days at most, at log-out, and with what the account is: its password,
its role, its being switched on. Times are those of people, so the computer's own clock counts, in a rehearsal too.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from broadcaster.clock import Clock, SystemClock
from broadcaster.errors import UsageError
from broadcaster.store.audit import record_on
from broadcaster.store.database import Database
from broadcaster.store.people import SHOWN, User
from broadcaster.store.tables import sessions, users

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
SEEN_EVERY = timedelta(seconds=60)
KEPT = timedelta(days=30)
"""How long ended ones are remembered: from where an account was used."""
MOST_OPEN = 20
_AGENT_MOST = 300


@dataclass(frozen=True, slots=True)
class Session:
    """A browser's log-in. ``where`` is its address, ``agent`` what the browser called itself."""

    id: int
    user: int
    opened_at: datetime
    seen_at: datetime
    where: str
    agent: str


_SHOWN = (
    sessions.c.id, sessions.c.user, sessions.c.opened_at, sessions.c.seen_at, sessions.c.where, sessions.c.agent
)  # fmt: skip


def key_hash(key: str) -> str:
    """What is kept of a key. It is random and long: a plain hash can't be turned back by guessing."""
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()


def end_sessions(connection: Connection, user: int, at: datetime, *, but: int | None = None) -> int:
    """End an account's open sessions, except one, within the transaction that needs it. Returns how many."""
    statement = update(sessions).where(sessions.c.user == user, sessions.c.ended_at.is_(None)).values(ended_at=at)
    if but is not None:
        statement = statement.where(sessions.c.id != but)
    return connection.execute(statement).rowcount


class Sessions:
    """The log-ins; may be shared by threads. ``StoreError`` as of :class:`Database`."""

    def __init__(self, database: Database, clock: Clock | None = None) -> None:
        self._database = database
        self._clock = clock or SystemClock()

    def open(self, user: int, *, where: str = "", agent: str = "") -> str:
        """Begin a session of an account; returns the key, which is kept nowhere else."""
        key, now = secrets.token_urlsafe(32), self._clock.now()
        values = {
            "key_hash": key_hash(key), "user": user, "opened_at": now, "seen_at": now, "where": where,
            "agent": agent[:_AGENT_MOST],
        }  # fmt: skip
        with self._database.writing() as connection:
            connection.execute(delete(sessions).where(sessions.c.seen_at < now - KEPT))
            others = select(sessions.c.id).where(sessions.c.user == user, sessions.c.ended_at.is_(None))
            ids = connection.execute(others.order_by(sessions.c.seen_at.desc())).scalars().all()
            if len(ids) >= MOST_OPEN:
                oldest = sessions.c.id.in_(ids[MOST_OPEN - 1 :])
                connection.execute(update(sessions).where(oldest).values(ended_at=now))
            connection.execute(insert(sessions).values(values))
            name = connection.execute(select(users.c.name).where(users.c.id == user)).scalar_one()
            record_on(connection, at=now, who=name, what="session.open", detail={}, where=where)
        return key

    def find(self, key: str) -> tuple[Session, User] | None:
        """The session of a key and its account as it is now; None if it has ended."""
        query = select(*_SHOWN, *(column.label(f"u_{column.name}") for column in SHOWN))
        query = query.join(users, users.c.id == sessions.c.user).where(
            sessions.c.key_hash == key_hash(key), sessions.c.ended_at.is_(None), users.c.active
        )
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().one_or_none()
        if row is None:
            return None
        found = Session(**{column.name: row[column.name] for column in _SHOWN})
        user = User(**{column.name: row[f"u_{column.name}"] for column in SHOWN})
        return (found, user) if self._holds(found) else None

    def see(self, session: Session) -> None:
        """Somebody is there: the idle time begins anew. Written at most once a minute."""
        now = self._clock.now()
        if now - session.seen_at >= SEEN_EVERY:
            with self._database.writing() as connection:
                connection.execute(update(sessions).where(sessions.c.id == session.id).values(seen_at=now))

    def of(self, user: int) -> list[Session]:
        """An account's open sessions, the last seen first."""
        query = select(*_SHOWN).where(sessions.c.user == user, sessions.c.ended_at.is_(None))
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(sessions.c.seen_at.desc(), sessions.c.id.desc())).mappings()
            return [found for found in (Session(**row) for row in rows) if self._holds(found)]

    def seen(self) -> dict[int, datetime]:
        """When each account was last there, as far as that is remembered."""
        latest: dict[int, datetime] = {}
        with self._database.reading() as connection:
            for row in connection.execute(select(sessions.c.user, sessions.c.seen_at).order_by(sessions.c.seen_at)):
                latest[row.user] = row.seen_at
        return latest

    def end(self, user: int, number: int, *, by: str = "", where: str = "") -> None:
        """End one session of this account. ``UsageError`` if it has no such open one: another's is none of its own."""
        now = self._clock.now()
        statement = update(sessions).where(
            sessions.c.id == number, sessions.c.user == user, sessions.c.ended_at.is_(None)
        )
        with self._database.writing() as connection:
            if not connection.execute(statement.values(ended_at=now)).rowcount:
                raise UsageError(f"没有登录 {number} / there is no session {number}")
            record_on(connection, at=now, who=by, what="session.end", detail={"session": number}, where=where)

    def end_others(self, user: int, but: int | None, *, by: str = "", where: str = "") -> int:
        """End all sessions of an account but one. Returns how many ended."""
        now = self._clock.now()
        with self._database.writing() as connection:
            count = end_sessions(connection, user, now, but=but)
            record_on(connection, at=now, who=by, what="session.end", detail={"sessions": count}, where=where)
        return count

    def knows(self, folded: str, where: str) -> bool:
        """Whether the account of this folded name has been entered from this address in the last 30 days."""
        query = select(sessions.c.id).join(users, users.c.id == sessions.c.user).where(
            users.c.folded == folded, sessions.c.where == where, sessions.c.seen_at > self._clock.now() - KEPT
        )  # fmt: skip
        with self._database.reading() as connection:
            return connection.execute(query.limit(1)).first() is not None

    def _holds(self, session: Session) -> bool:
        now = self._clock.now()
        # A clock that is set back makes no session older; far back, nothing is known of how old it is.
        return abs(now - session.seen_at) < IDLE and now - session.opened_at < LONGEST
