"""What a drift event adds to later ones: its rows and the shifts of its means."""

import sqlalchemy as sa
from alembic import op

revision = "0006_drift_history"
down_revision = "0005_harm"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("drift_events", schema=None) as batch_op:
        batch_op.add_column(sa.Column("rows", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("shifts", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("drift_events", schema=None) as batch_op:
        batch_op.drop_column("shifts")
        batch_op.drop_column("rows")
