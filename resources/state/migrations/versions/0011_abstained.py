"""Answers that the model leaves to people are marked in the prediction log."""

import sqlalchemy as sa
from alembic import op

revision = "0011_abstained"
down_revision = "0010_documents"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("predictions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("abstained", sa.Boolean(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("predictions", schema=None) as batch_op:
        batch_op.drop_column("abstained")
