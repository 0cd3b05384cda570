"""Units are counted beside answers: the split is about units, and one may send many requests."""

import sqlalchemy as sa
from alembic import op

revision = "0012_units"
down_revision = "0011_abstained"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "units",
        sa.Column("use_case", sa.String(length=64), nullable=False),
        sa.Column("champion_version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("challenger_version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("phase", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.String(length=256), nullable=False),
        sa.PrimaryKeyConstraint(
            "use_case", "champion_version", "challenger_version", "phase", "unit_id", name=op.f("pk_units")
        ),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("traffic", schema=None) as batch_op:
        batch_op.add_column(sa.Column("units", sa.BigInteger(), nullable=True))
    op.execute("UPDATE traffic SET units = answers")  # who asked was not counted: each answer was taken for a unit
    with op.batch_alter_table("traffic", schema=None) as batch_op:
        batch_op.alter_column("units", existing_type=sa.BigInteger(), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("traffic", schema=None) as batch_op:
        batch_op.drop_column("units")
    op.drop_table("units")
