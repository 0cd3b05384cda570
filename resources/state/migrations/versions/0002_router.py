"""A router with roles, labels and counters."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "keys",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("secret_sha256", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("note", sa.String(length=128), nullable=False),
        sa.Column("created_at", sa.String(length=32), nullable=False),
        sa.Column("expires_at", sa.String(length=32), nullable=True),
        sa.Column("revoked_at", sa.String(length=32), nullable=True),
        sa.Column("last_used_at", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keys")),
    )
    op.create_table(
        "labels",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("prediction_id", sa.String(length=64), nullable=False),
        sa.Column("use_case", sa.String(length=64), nullable=False),
        sa.Column("champion_version", sa.Integer(), nullable=False),
        sa.Column("challenger_version", sa.Integer(), nullable=True),
        sa.Column("arm", sa.String(length=1), nullable=False),
        sa.Column("truth", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("truth_key", sa.String(length=512), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("event_time", sa.String(length=32), nullable=False),
        sa.Column("received_at", sa.String(length=32), nullable=False),
        sa.Column("corrections", sa.Integer(), nullable=False),
        sa.Column("duplicates", sa.Integer(), nullable=False),
        sa.Column("expired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_labels")),
        sa.UniqueConstraint("prediction_id", name=op.f("uq_labels_prediction_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("labels", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_labels_use_case_champion_version_challenger_version_id"),
            ["use_case", "champion_version", "challenger_version", "id"],
            unique=False,
        )

    op.create_table(
        "traffic",
        sa.Column("use_case", sa.String(length=64), nullable=False),
        sa.Column("champion_version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("challenger_version", sa.Integer(), autoincrement=False, nullable=False, comment="0 = no challenger"),
        sa.Column("phase", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("arm", sa.String(length=1), nullable=False),
        sa.Column("answers", sa.BigInteger(), nullable=False),
        sa.Column("degraded", sa.BigInteger(), nullable=False),
        sa.Column("labels", sa.BigInteger(), nullable=False),
        sa.Column("first_at", sa.String(length=32), nullable=False),
        sa.Column("last_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint(
            "use_case", "champion_version", "challenger_version", "phase", "arm", name=op.f("pk_traffic")
        ),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.add_column(sa.Column("role", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("route", sa.String(length=128), nullable=True))
        batch_op.add_column(sa.Column("request_id", sa.String(length=64), nullable=True))

    with op.batch_alter_table("predictions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("asked_by", sa.String(length=16), nullable=True))

    with op.batch_alter_table("routing", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(length=16), server_default="ab", nullable=False))
        batch_op.add_column(sa.Column("ab_split_b", sa.Float(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("ramp", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("ramp_started_at", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("paused_at", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("challenger", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("from_file", sa.JSON(none_as_null=True), nullable=True))
    op.execute("UPDATE routing SET ab_split_b = split_b")


def downgrade() -> None:
    with op.batch_alter_table("routing", schema=None) as batch_op:
        for name in ("from_file", "challenger", "paused_at", "ramp_started_at", "ramp", "ab_split_b", "kind"):
            batch_op.drop_column(name)

    with op.batch_alter_table("predictions", schema=None) as batch_op:
        batch_op.drop_column("asked_by")

    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.drop_column("request_id")
        batch_op.drop_column("route")
        batch_op.drop_column("role")

    op.drop_table("traffic")
    with op.batch_alter_table("labels", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_labels_use_case_champion_version_challenger_version_id"))

    op.drop_table("labels")
    op.drop_table("keys")
