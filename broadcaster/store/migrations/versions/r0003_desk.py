"""What the desk does by hand, versions of the plan, sessions and tokens of accounts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    op.add_column("users", sa.Column("must_change", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_table(
        "interventions",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("target", sa.Text),
        sa.Column("params", sa.JSON, nullable=False),
        sa.Column("since", instant, nullable=False),
        sa.Column("until", instant),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("made_at", instant, nullable=False),
        sa.Column("ended_at", instant),
        sa.Column("ended_by", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_interventions"),
    )
    op.create_index("ix_interventions_zone_since", "interventions", ["zone", "since"])
    op.create_table(
        "plan_texts",
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_plan_texts"),
    )
    op.create_table(
        "plan_versions",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("how", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("where", sa.Text, nullable=False),
        sa.Column("files", sa.JSON, nullable=False),
        sa.Column("changed", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_plan_versions"),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("key_hash", sa.Text, nullable=False),
        sa.Column("user", sa.Integer, nullable=False),
        sa.Column("opened_at", instant, nullable=False),
        sa.Column("seen_at", instant, nullable=False),
        sa.Column("ended_at", instant),
        sa.Column("where", sa.Text, nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.UniqueConstraint("key_hash", name="uq_sessions_key_hash"),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name="fk_sessions_user_users"),
    )
    op.create_index("ix_sessions_user", "sessions", ["user"])
    op.create_table(
        "tokens",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("user", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("token_hash", sa.Text, nullable=False),
        sa.Column("made_at", instant, nullable=False),
        sa.Column("expires_at", instant),
        sa.Column("used_at", instant),
        sa.Column("ended_at", instant),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
        sa.UniqueConstraint("token_hash", name="uq_tokens_token_hash"),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name="fk_tokens_user_users"),
    )
    op.create_index("ix_tokens_user", "tokens", ["user"])


def downgrade() -> None:
    for name in ("tokens", "sessions", "plan_versions", "plan_texts", "interventions"):
        op.drop_table(name)
    with op.batch_alter_table("users") as batch:
        batch.drop_column("must_change")
