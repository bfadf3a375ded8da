"""What was heard by whom, and the alerts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    op.add_column("asrun", sa.Column("heard_by", sa.Text))
    op.create_table(
        "alerts",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("zh", sa.Text, nullable=False),
        sa.Column("en", sa.Text, nullable=False),
        sa.Column("since", instant, nullable=False),
        sa.Column("told_at", instant),
        sa.Column("told", sa.Integer, nullable=False),
        sa.Column("told_to", sa.JSON, nullable=False),
        sa.Column("acknowledged_at", instant),
        sa.Column("acknowledged_by", sa.Text),
        sa.Column("cleared_at", instant),
        sa.Column("clear_told", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
    )
    op.create_index("ix_alerts_zone_since", "alerts", ["zone", "since"])


def downgrade() -> None:
    op.drop_index("ix_alerts_zone_since", "alerts")
    op.drop_table("alerts")
    # Not as a batch, which would make the table anew without its check.
    op.drop_column("asrun", "heard_by")
