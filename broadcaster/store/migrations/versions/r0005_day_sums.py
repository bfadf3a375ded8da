"""What each finished day came to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "asrun_days",
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("date", sa.Date, nullable=False),
        sa.Column("sums", sa.JSON, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("zone", "date", name="pk_asrun_days"),
    )


def downgrade() -> None:
    op.drop_table("asrun_days")
