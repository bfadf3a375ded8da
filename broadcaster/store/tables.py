"""The tables. A change here needs a migration; a test compares the two."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    UniqueConstraint,
    false,
)

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
    # ear: heard_at and loudness_lufs were measured at the output; player: heard_at is what the player said.
    Column("heard_by", Words),
    # Tracks have no spot_id, and NULLs never collide.
    UniqueConstraint("zone", "spot_id"),
    CheckConstraint("(spot_id IS NULL) <> (track IS NULL)", name="spot_or_track"),
)
Index(None, asrun.c.zone, asrun.c.date)
Index(None, asrun.c.zone, asrun.c.planned_at)
Index(None, asrun.c.zone, asrun.c.ref, asrun.c.date)
# Partial on PostgreSQL too, by its migration: the option's name here would have every start import that dialect.
Index("ix_asrun_open", asrun.c.zone, sqlite_where=asrun.c.outcome.is_(None))

# What each finished date came to: reports of months and years read this, not the log.
asrun_days = Table(
    "asrun_days",
    metadata,
    Column("zone", Words, primary_key=True),
    Column("date", Date, primary_key=True),
    # See broadcaster.store.day_sums.
    Column("sums", JSON, nullable=False),
    Column("made_at", Instant, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("who", Words, nullable=False),
    Column("what", Words, nullable=False),
    Column("detail", JSON, nullable=False),
    Column("where", Words, nullable=False, default=""),
    # What it was done to, such as notice-12; NULL in entries of older versions.
    Column("subject", Words),
)
Index(None, audit.c.at)
Index(None, audit.c.subject)

# Another number here means that something changed which airs: cheaper to ask for than the things themselves.
stamps = Table(
    "stamps",
    metadata,
    Column("name", Words, primary_key=True),
    Column("value", Integer, nullable=False),
)

users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Words, nullable=False),
    # The name without differences of case and width: no two accounts that look alike.
    Column("folded", Words, nullable=False),
    Column("display", Words, nullable=False),
    Column("role", Words, nullable=False),
    Column("password_hash", Words, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("session_stamp", Words, nullable=False),
    # Set when somebody else chose the password.
    Column("must_change", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("folded"),
)

# A browser's log-in. Only the hash of what the cookie carries is kept.
sessions = Table(
    "sessions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key_hash", Words, nullable=False),
    Column("user", Integer, ForeignKey("users.id"), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("where", Words, nullable=False),
    Column("agent", Words, nullable=False),
    UniqueConstraint("key_hash"),
)
Index(None, sessions.c.user)

# A program's log-in, in the name of an account.
tokens = Table(
    "tokens",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user", Integer, ForeignKey("users.id"), nullable=False),
    Column("name", Words, nullable=False),
    Column("token_hash", Words, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("used_at", Instant),
    Column("ended_at", Instant),
    UniqueConstraint("token_hash"),
)
Index(None, tokens.c.user)

# What people do to the air by hand: each holds from its instant until another, or until somebody ends it.
interventions = Table(
    "interventions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("zone", Words, nullable=False),
    Column("kind", Words, nullable=False),
    Column("target", Words),
    Column("params", JSON, nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant),
    Column("who", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("ended_by", Words),
)
Index(None, interventions.c.zone, interventions.c.since)

# What people are told of, once for each cause from its beginning to its end.
alerts = Table(
    "alerts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("zone", Words, nullable=False),
    # What kind of trouble, such as disk-low; with its subject the cause.
    Column("code", Words, nullable=False),
    Column("subject", Words, nullable=False, default=""),
    # notice, warning or urgent.
    Column("severity", Words, nullable=False),
    Column("zh", Words, nullable=False),
    Column("en", Words, nullable=False),
    Column("since", Instant, nullable=False),
    Column("told_at", Instant),
    Column("told", Integer, nullable=False, default=0),
    # Who was told when: {mark of a target: instant}; an empty instant once that target knows that it is over.
    Column("told_to", JSON, nullable=False, default=dict),
    Column("acknowledged_at", Instant),
    Column("acknowledged_by", Words),
    Column("cleared_at", Instant),
    # Whether everybody knows that it is over who should.
    Column("clear_told", Boolean, nullable=False, default=False),
)
Index(None, alerts.c.zone, alerts.c.since)

# Each text of a plan's file once, by the hash of its content.
plan_texts = Table(
    "plan_texts",
    metadata,
    Column("hash", Words, primary_key=True),
    Column("text", Words, nullable=False),
)

plan_versions = Table(
    "plan_versions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("who", Words, nullable=False),
    # page, cli or file (a hand edit that was noticed).
    Column("how", Words, nullable=False),
    # What its author says of it.
    Column("words", Words, nullable=False),
    Column("where", Words, nullable=False),
    # {path: hash of its text} of all files of the plan.
    Column("files", JSON, nullable=False),
    # Paths that differ from the version before.
    Column("changed", JSON, nullable=False),
)

vendors = Table(
    "vendors",
    metadata,
    Column("id", Words, primary_key=True),
    Column("name_zh", Words, nullable=False),
    Column("name_en", Words, nullable=False),
    Column("weight", Float, nullable=False),
    # Approvals that this vendor's notices need; NULL: the station's number.
    Column("approvals", Integer),
    Column("created_at", Instant, nullable=False),
)

contracts = Table(
    "contracts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("vendor", Words, ForeignKey("vendors.id"), nullable=False),
    Column("first", Date, nullable=False),
    Column("last", Date, nullable=False),
    Column("rotation", Words, nullable=False),
    Column("per_day", Integer, nullable=False),
    Column("fee_kind", Words, nullable=False),
    # In hundredths of the currency: money is counted, not measured.
    Column("fee_cents", Integer, nullable=False),
    Column("note", Words, nullable=False),
    # It counts between these, so that a day's past does not change with it.
    Column("made_at", Instant, nullable=False),
    Column("ended_at", Instant),
    CheckConstraint("per_day >= 0", name="per_day"),
)
Index(None, contracts.c.vendor)

notices = Table(
    "notices",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("state", Words, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("author", Words, nullable=False),
    Column("title", Words, nullable=False),
    # What a search looks in: title, text, author, without differences of case.
    Column("searched", Words, nullable=False),
    Column("vendor", Words),
    Column("last", Date, nullable=False),
    Column("reason", Words, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
)
Index(None, notices.c.state, notices.c.last)
Index(None, notices.c.vendor)

# Written once; afterwards only what became of it is filled in.
revisions = Table(
    "notice_revisions",
    metadata,
    Column("notice", Integer, ForeignKey("notices.id"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("content", JSON, nullable=False),
    Column("content_hash", Words, nullable=False),
    Column("author", Words, nullable=False),
    Column("at", Instant, nullable=False),
    Column("needed", Integer, nullable=False),
    Column("first", Date, nullable=False),
    Column("last", Date, nullable=False),
    Column("effective_at", Instant),
    Column("ended_at", Instant),
    Column("ended_why", Words),
    Column("render_error", Words),
    Column("failed_at", Instant),
    CheckConstraint("needed >= 1", name="needed"),
)
Index(None, revisions.c.last)

approvals = Table(
    "notice_approvals",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("notice", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("who", Words, nullable=False),
    Column("verdict", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("at", Instant, nullable=False),
    Column("content_hash", Words, nullable=False),
    ForeignKeyConstraint(["notice", "revision"], ["notice_revisions.notice", "notice_revisions.revision"]),
    UniqueConstraint("notice", "revision", "who"),
)

# A corrected reading makes another recording of the same revision; each holds for its own stretch of time.
renderings = Table(
    "notice_renderings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("notice", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("clip_path", Words, nullable=False),
    Column("clip_key", Words, nullable=False),
    Column("duration_s", Float, nullable=False),
    Column("engine", Words, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant),
    ForeignKeyConstraint(["notice", "revision"], ["notice_revisions.notice", "notice_revisions.revision"]),
)
Index(None, renderings.c.notice, renderings.c.revision)

day_texts = Table(
    "day_texts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("date", Date, nullable=False),
    Column("zone", Words, nullable=False),
    Column("ref", Words, nullable=False),
    Column("key", Words, nullable=False),
    Column("title", Words, nullable=False),
    Column("text", Words, nullable=False),
    Column("spoken", Words, nullable=False),
    Column("author", Words, nullable=False),
    Column("approved_by", Words, nullable=False),
    Column("kept_at", Instant, nullable=False),
    UniqueConstraint("date", "zone", "ref", "key"),
)

# What a date's rundown had contracts for. A row without a name says that the date is kept, even if it had none.
day_promises = Table(
    "day_promises",
    metadata,
    Column("date", Date, primary_key=True),
    Column("zone", Words, primary_key=True),
    Column("ref", Words, primary_key=True),
    Column("contracted", Integer, nullable=False),
)
