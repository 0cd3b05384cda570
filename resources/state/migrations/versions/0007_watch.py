"""A champion that was replaced is watched for a while: it scores and answers nobody."""

import sqlalchemy as sa
from alembic import op

revision = "0007_watch"
down_revision = "0006_drift_history"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("promotions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("watch_labels", sa.Integer(), server_default="0", nullable=False))
    with op.batch_alter_table("routing", schema=None) as batch_op:
        batch_op.add_column(sa.Column("watched", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("routing", schema=None) as batch_op:
        batch_op.drop_column("watched")
    with op.batch_alter_table("promotions", schema=None) as batch_op:
        batch_op.drop_column("watch_labels")
