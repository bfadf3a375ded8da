"""The database: opened, brought up to date, read and written in transactions, its errors put in the house's words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, NullPool, QueuePool, create_engine, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    IntegrityError,
    NoSuchModuleError,
    SQLAlchemyError,
    StatementError,
)

from broadcaster.errors import StoreConflict, StoreDamaged, StoreError, UsageError
from broadcaster.store import sqlite
from broadcaster.store.migrations import HEAD
from broadcaster.store.revisions import Account, Downgraded, account, put_away, step_back, step_up
from broadcaster.store.sqlite import set_aside
from broadcaster.store.upgrade import revision

__all__ = ["Database", "downgrade_database", "look_into", "open_database", "set_aside"]

_CONNECT_S = 5
"""How long a server may take to answer."""


class Database:
    """An open database; may be shared by threads. Make one with :func:`open_database`.

    ``path`` is the file of an SQLite database, None for a server; ``name`` is for messages, without password.
    """

    def __init__(self, engine: Engine) -> None:
        self._readers = engine
        self._writers = engine.execution_options(**{sqlite.WRITES: True})
        is_file = engine.dialect.name == "sqlite" and engine.url.database
        self.path = Path(engine.url.database) if is_file and engine.url.database else None
        self.name = str(self.path) if self.path else engine.url.render_as_string(hide_password=True)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read with; on SQLite all its statements see the same state.

        Raises ``StoreError`` if the database can't be read, ``StoreDamaged`` if the file is damaged.
        """
        with self._translated(), self._readers.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction, on disk when the block is left, undone when the block raises.

        Raises ``StoreConflict`` if a rule of the tables forbids the change, ``StoreError`` if the database can't be
        written (locked for 10 s, disk full, server gone), ``StoreDamaged`` if the file is damaged.
        """
        with self._translated(), self._writers.begin() as connection:
            yield connection

    def faults(self, *, thorough: bool = True) -> list[str]:
        """What is wrong in an SQLite file, in SQLite's words; empty if nothing is, or on a server.

        Reads the whole file. Damage too bad for a list raises ``StoreDamaged``.
        """
        if self.path is None:
            return []
        with self.reading() as connection:
            return sqlite.faults(connection, thorough=thorough)

    def dispose(self) -> None:
        """Close all connections that are not in use; the last to close an SQLite file folds its log into it."""
        self._readers.dispose()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError as error:
            raise StoreConflict(f"{self.name}: {error.orig}") from error
        except DBAPIError as error:
            if self.path is not None and sqlite.is_damage(error):
                raise StoreDamaged(self.path, str(error.orig)) from error
            raise StoreError(f"{self.name}: {error.orig}") from error
        except StatementError as error:
            # A value that a column type refuses is the caller's mistake, not the database's.
            if isinstance(error.orig, (ValueError, TypeError)):
                raise error.orig from error
            raise StoreError(f"{self.name}: {error}") from error
        except SQLAlchemyError as error:
            raise StoreError(f"{self.name}: {error}") from error


def open_database(where: str | Path, *, check: bool = False, busy_s: float = sqlite.BUSY_S) -> Database:
    """Open a database, making folder, file and tables where they lack, and bringing older tables up to date.

    ``where`` is a path of an SQLite file or a URL, ``sqlite:///...`` or ``postgresql+psycopg://...``.
    Several processes may do this at once. A truncated file is always noticed; with ``check`` an SQLite file is read
    through for other damage (about 0.3 s for 200 MB, once they are in memory).
    ``busy_s`` is how long an SQLite write waits for another process's. Raises ``UsageError`` for another kind of URL,
    ``StoreDamaged`` if the file is damaged (see :func:`set_aside`),
    ``StoreError`` if it can't be opened or a newer version wrote it.
    """
    url = _url(where)
    if url.get_backend_name() == "sqlite":
        _make_folder(Path(url.database or ""))
    database = Database(_engine(url, busy_s=busy_s))
    try:
        if _revision(database) != HEAD:
            migrating = Database(_engine(url, migrating=True))
            with migrating.writing() as connection:
                taken = step_up(connection, migrating.name, migrating.path)
            put_away(taken)
        faults = database.faults(thorough=False) if check else []
        if faults and database.path is not None:
            raise StoreDamaged(database.path, "; ".join(faults[:3]))
    except BaseException:
        database.dispose()
        raise
    return database


def downgrade_database(where: str | Path, to: str, beside: Path) -> Downgraded:
    """Bring the tables back to revision ``to``; what they have no place for goes to a file named after ``beside``.

    Nobody else may use the database. Raises ``UsageError`` if ``to`` is no earlier revision, ``StoreError``.
    """
    database = Database(_engine(_url(where), migrating=True))
    try:
        with database.writing() as connection:
            return step_back(connection, database.name, to, beside)
    finally:
        database.dispose()


def look_into(where: str | Path) -> Account:
    """What there is in a database, of whatever revision; nothing is changed. Raises ``StoreError``."""
    database = Database(_engine(_url(where), migrating=True))
    try:
        with database.reading() as connection:
            return account(connection, database.path)
    finally:
        database.dispose()


def _revision(database: Database) -> str | None:
    size = None if database.path is None else sqlite.size_at_rest(database.path)
    if database.path is None or size is None:
        with database.reading() as connection:
            return revision(connection)
    sqlite.refuse_torn(database.path, size)
    with database.reading() as connection:
        sqlite.refuse_torn(database.path, size, sqlite.page_size(connection))
        return revision(connection)


def _url(where: str | Path) -> URL:
    if isinstance(where, Path):
        return URL.create("sqlite", database=str(where))
    try:
        url = make_url(where)
    except ArgumentError as error:
        raise UsageError(f"not a database URL: {where!r} (like sqlite:///var/broadcaster.db)") from error
    if url.drivername in ("postgresql", "postgres"):
        url = url.set(drivername="postgresql+psycopg")
    shown = url.render_as_string(hide_password=True)
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise UsageError(f"{shown}: the database is SQLite or PostgreSQL")
    if url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
        raise UsageError(f"{shown}: name a file; what is kept in memory does not survive a restart")
    return url


def _engine(url: URL, *, migrating: bool = False, busy_s: float = sqlite.BUSY_S) -> Engine:
    is_sqlite = url.get_backend_name() == "sqlite"
    patience = {"timeout": busy_s} if is_sqlite else {"connect_timeout": _CONNECT_S}
    patience = {name: value for name, value in patience.items() if name not in url.query}
    pool = NullPool if migrating else QueuePool
    try:
        engine = create_engine(url, connect_args=patience, poolclass=pool, pool_pre_ping=not is_sqlite)
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise UsageError(f"{url.drivername}: there is no such driver, or it is not installed ({error})") from error
    if is_sqlite:
        sqlite.prepare(engine, foreign_keys=not migrating)
    return engine


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{path}: its folder can't be made ({error})") from error
