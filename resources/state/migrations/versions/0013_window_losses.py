"""The champion's losses on closed windows of a stream."""

import sqlalchemy as sa
from alembic import op

revision = "0013_window_losses"
down_revision = "0012_units"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "window_losses",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("use_case", sa.String(64), nullable=False),
        sa.Column("window", sa.String(64), nullable=False),
        sa.Column("champion_version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("losses", sa.JSON()),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.UniqueConstraint(
            "use_case", "window", "champion_version", name="uq_window_losses_use_case_window_champion_version"
        ),
    )


def downgrade() -> None:
    op.drop_table("window_losses")
