"""Windows of event time, the rows of each batch in them, and which batches were placed."""

import sqlalchemy as sa
from alembic import op

revision = "0009_windows"
down_revision = "0007_watch"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "windows",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("use_case", sa.String(64), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("length_s", sa.BigInteger(), nullable=False),
        sa.Column("start", sa.String(length=32), nullable=False),
        sa.Column("end", sa.String(length=32), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("late_rows", sa.BigInteger(), nullable=False),
        sa.Column("batches", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("closed_at", sa.String(length=32)),
        sa.Column("content_hash", sa.String(64)),
        sa.UniqueConstraint("use_case", "key", name="uq_windows_use_case_key"),
    )
    op.create_index("ix_windows_use_case_length_s_start", "windows", ["use_case", "length_s", "start"])
    op.create_table(
        "window_parts",
        sa.Column("use_case", sa.String(64), primary_key=True),
        sa.Column("window", sa.String(64), primary_key=True),
        sa.Column("batch", sa.String(80), primary_key=True),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "placed_batches",
        sa.Column("use_case", sa.String(64), primary_key=True),
        sa.Column("length_s", sa.BigInteger(), primary_key=True),
        sa.Column("batch", sa.String(80), primary_key=True),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("untimed_rows", sa.BigInteger(), nullable=False),
        sa.Column("newest", sa.String(length=32)),
        sa.Column("at", sa.String(length=32), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("placed_batches")
    op.drop_table("window_parts")
    op.drop_table("windows")
