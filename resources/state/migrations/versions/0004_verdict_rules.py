"""Verdicts keep the rule they were given by, what follows from them, and when to look again."""

import sqlalchemy as sa
from alembic import op

revision = "0004_verdict_rules"
down_revision = "0003_evidence"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("verdicts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("rule", sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(sa.Column("takes_over", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("blocks", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("look_at", sa.String(length=32), nullable=True))
    op.execute("UPDATE verdicts SET takes_over = (outcome = 'promote')")


def downgrade() -> None:
    with op.batch_alter_table("verdicts", schema=None) as batch_op:
        for name in ("look_at", "blocks", "takes_over", "rule"):
            batch_op.drop_column(name)
