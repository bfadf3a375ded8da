"""The tables. A change here needs a migration; a test compares the two."""

from __future__ import annotations

from sqlalchemy import JSON, CheckConstraint, Column, Date, Float, Index, Integer, MetaData, Table, UniqueConstraint

from broadcaster.store.types import Instant, Words

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    }
)

asrun = Table(
    "asrun",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("zone", Words, nullable=False),
    Column("date", Date, nullable=False),
    Column("spot_id", Words),
    Column("track", Words),
    Column("kind", Words, nullable=False),
    Column("ref", Words, nullable=False),
    Column("title", Words, nullable=False),
    Column("planned_at", Instant, nullable=False),
    Column("armed_at", Instant),
    Column("commanded_at", Instant),
    Column("heard_at", Instant),
    Column("ended_at", Instant),
    Column("outcome", Words),
    Column("reason", Words, nullable=False, default=""),
    Column("loudness_lufs", Float),
    # Tracks have no spot_id, and NULLs never collide.
    UniqueConstraint("zone", "spot_id"),
    CheckConstraint("(spot_id IS NULL) <> (track IS NULL)", name="spot_or_track"),
)
Index(None, asrun.c.zone, asrun.c.date)
Index(None, asrun.c.zone, asrun.c.planned_at)
Index(None, asrun.c.zone, asrun.c.ref, asrun.c.date)
Index("ix_asrun_open", asrun.c.zone, sqlite_where=asrun.c.outcome.is_(None), postgresql_where=asrun.c.outcome.is_(None))

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("who", Words, nullable=False),
    Column("what", Words, nullable=False),
    Column("detail", JSON, nullable=False),
    Column("where", Words, nullable=False, default=""),
)
Index(None, audit.c.at)
