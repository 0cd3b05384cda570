"""The champion's losses by batch, the harm they show, and what a retrain is expected to win back."""

import sqlalchemy as sa
from alembic import op

revision = "0005_harm"
down_revision = "0004_verdict_rules"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("drift_events", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("losses", sa.JSON(none_as_null=True), comment="of the labelled rows: loss.sketch")
        )
        batch_op.add_column(
            sa.Column("checked", sa.JSON(none_as_null=True), comment="the estimate beside them: loss.estimate.Check")
        )
        batch_op.add_column(sa.Column("harm", sa.JSON(none_as_null=True), comment="decision.harm"))
    with op.batch_alter_table("retrains", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("expected", sa.JSON(none_as_null=True), comment="what it is to win back: decision.gain")
        )


def downgrade() -> None:
    with op.batch_alter_table("retrains", schema=None) as batch_op:
        batch_op.drop_column("expected")
    with op.batch_alter_table("drift_events", schema=None) as batch_op:
        for name in ("harm", "checked", "losses"):
            batch_op.drop_column(name)
