"""The as-run log and the audit trail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "asrun",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("date", sa.Date, nullable=False),
        sa.Column("spot_id", sa.Text),
        sa.Column("track", sa.Text),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("ref", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("planned_at", instant, nullable=False),
        sa.Column("armed_at", instant),
        sa.Column("commanded_at", instant),
        sa.Column("heard_at", instant),
        sa.Column("ended_at", instant),
        sa.Column("outcome", sa.Text),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("loudness_lufs", sa.Float),
        sa.PrimaryKeyConstraint("id", name="pk_asrun"),
        sa.UniqueConstraint("zone", "spot_id", name="uq_asrun_zone_spot_id"),
        sa.CheckConstraint("(spot_id IS NULL) <> (track IS NULL)", name="ck_asrun_spot_or_track"),
    )
    op.create_index("ix_asrun_zone_date", "asrun", ["zone", "date"])
    op.create_index("ix_asrun_zone_planned_at", "asrun", ["zone", "planned_at"])
    op.create_index("ix_asrun_zone_ref_date", "asrun", ["zone", "ref", "date"])
    unsettled = sa.text("outcome IS NULL")
    op.create_index("ix_asrun_open", "asrun", ["zone"], sqlite_where=unsettled, postgresql_where=unsettled)
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("detail", sa.JSON, nullable=False),
        sa.Column("where", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_at", "audit", ["at"])


def downgrade() -> None:
    op.drop_table("audit")
    op.drop_table("asrun")
