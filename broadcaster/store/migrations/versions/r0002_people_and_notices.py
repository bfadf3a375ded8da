"""Accounts, vendors and their contracts, notices with revisions, approvals and recordings, the texts of each day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    op.add_column("audit", sa.Column("subject", sa.Text))
    op.create_index("ix_audit_subject", "audit", ["subject"])
    op.create_table(
        "stamps",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("value", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_stamps"),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("folded", sa.Text, nullable=False),
        sa.Column("display", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("session_stamp", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("folded", name="uq_users_folded"),
    )
    op.create_table(
        "vendors",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("name_zh", sa.Text, nullable=False),
        sa.Column("name_en", sa.Text, nullable=False),
        sa.Column("weight", sa.Float, nullable=False),
        sa.Column("approvals", sa.Integer),
        sa.Column("created_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_vendors"),
    )
    op.create_table(
        "contracts",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("vendor", sa.Text, nullable=False),
        sa.Column("first", sa.Date, nullable=False),
        sa.Column("last", sa.Date, nullable=False),
        sa.Column("rotation", sa.Text, nullable=False),
        sa.Column("per_day", sa.Integer, nullable=False),
        sa.Column("fee_kind", sa.Text, nullable=False),
        sa.Column("fee_cents", sa.Integer, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("made_at", instant, nullable=False),
        sa.Column("ended_at", instant),
        sa.PrimaryKeyConstraint("id", name="pk_contracts"),
        sa.ForeignKeyConstraint(["vendor"], ["vendors.id"], name="fk_contracts_vendor_vendors"),
        sa.CheckConstraint("per_day >= 0", name="ck_contracts_per_day"),
    )
    op.create_index("ix_contracts_vendor", "contracts", ["vendor"])
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("searched", sa.Text, nullable=False),
        sa.Column("vendor", sa.Text),
        sa.Column("last", sa.Date, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("changed_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
    )
    op.create_index("ix_notices_state_last", "notices", ["state", "last"])
    op.create_index("ix_notices_vendor", "notices", ["vendor"])
    op.create_table(
        "notice_revisions",
        sa.Column("notice", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("content_hash", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("needed", sa.Integer, nullable=False),
        sa.Column("first", sa.Date, nullable=False),
        sa.Column("last", sa.Date, nullable=False),
        sa.Column("effective_at", instant),
        sa.Column("ended_at", instant),
        sa.Column("ended_why", sa.Text),
        sa.Column("render_error", sa.Text),
        sa.Column("failed_at", instant),
        sa.PrimaryKeyConstraint("notice", "revision", name="pk_notice_revisions"),
        sa.ForeignKeyConstraint(["notice"], ["notices.id"], name="fk_notice_revisions_notice_notices"),
        sa.CheckConstraint("needed >= 1", name="ck_notice_revisions_needed"),
    )
    op.create_index("ix_notice_revisions_last", "notice_revisions", ["last"])
    op.create_table(
        "notice_approvals",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("notice", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("content_hash", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notice_approvals"),
        sa.ForeignKeyConstraint(
            ["notice", "revision"],
            ["notice_revisions.notice", "notice_revisions.revision"],
            name="fk_notice_approvals_notice_notice_revisions",
        ),
        sa.UniqueConstraint("notice", "revision", "who", name="uq_notice_approvals_notice_revision_who"),
    )
    op.create_table(
        "notice_renderings",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("notice", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("clip_path", sa.Text, nullable=False),
        sa.Column("clip_key", sa.Text, nullable=False),
        sa.Column("duration_s", sa.Float, nullable=False),
        sa.Column("engine", sa.Text, nullable=False),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("since", instant, nullable=False),
        sa.Column("until", instant),
        sa.PrimaryKeyConstraint("id", name="pk_notice_renderings"),
        sa.ForeignKeyConstraint(
            ["notice", "revision"],
            ["notice_revisions.notice", "notice_revisions.revision"],
            name="fk_notice_renderings_notice_notice_revisions",
        ),
    )
    op.create_index("ix_notice_renderings_notice_revision", "notice_renderings", ["notice", "revision"])
    op.create_table(
        "day_texts",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("date", sa.Date, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("ref", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("spoken", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("approved_by", sa.Text, nullable=False),
        sa.Column("kept_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_day_texts"),
        sa.UniqueConstraint("date", "zone", "ref", "key", name="uq_day_texts_date_zone_ref_key"),
    )
    op.create_table(
        "day_promises",
        sa.Column("date", sa.Date, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("ref", sa.Text, nullable=False),
        sa.Column("contracted", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("date", "zone", "ref", name="pk_day_promises"),
    )


def downgrade() -> None:
    for name in (
        "day_promises",
        "day_texts",
        "notice_renderings",
        "notice_approvals",
        "notice_revisions",
        "notices",
        "contracts",
        "vendors",
        "users",
        "stamps",
    ):
        op.drop_table(name)
    op.drop_index("ix_audit_subject", "audit")
    op.drop_column("audit", "subject")
