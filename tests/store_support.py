"""What the tests of store and as-run log share: real databases, and a handful of ready arguments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from broadcaster.store.database import Database, open_database
from broadcaster.store.tables import metadata
from tests.postgres_server import postgres_url

#: Where child processes find the packages.
ROOT = Path(__file__).resolve().parent.parent
SQLITE = "sqlite"
POSTGRES = "postgresql"
BACKENDS = [SQLITE, POSTGRES]

DAY = dt.date(2026, 11, 28)
PLANNED = dt.datetime(2026, 11, 28, 1, 42, tzinfo=dt.UTC)


def later(seconds: float) -> dt.datetime:
    return PLANNED + dt.timedelta(seconds=seconds)


def spot(spot_id: str = "welcome@0942", **changes: Any) -> dict[str, Any]:
    values = {"date": DAY, "spot_id": spot_id, "kind": "script", "ref": "welcome", "title": "欢迎词"}
    return {**values, "planned_at": PLANNED, **changes}


def track(**changes: Any) -> dict[str, Any]:
    values = {"date": DAY, "track": "morning/晨曲.flac", "ref": "morning", "title": "晨曲"}
    return {**values, "planned_at": PLANNED, "commanded_at": PLANNED, **changes}


@contextmanager
def fresh(backend: str, folder: Path) -> Iterator[Database]:
    """An empty database of a back end of ``BACKENDS``, closed afterwards."""
    database = open_database(empty_server() if backend == POSTGRES else folder / "broadcaster.db")
    try:
        yield database
    finally:
        database.dispose()


def empty_server() -> str:
    """URL of a PostgreSQL database of this test process without any table."""
    url = postgres_url()
    engine = create_engine(url)
    with engine.begin() as connection:
        metadata.drop_all(connection)
        connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
    engine.dispose()
    return url
