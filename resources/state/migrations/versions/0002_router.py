"""A router with roles, labels and counters."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# One label a prediction: the latest of all events about it, in the order in which they made labels of their sources.
LABELS = """
INSERT INTO labels (prediction_id, prediction, use_case, champion_version, challenger_version, arm, truth, truth_key,
    source, event_time, received_at, corrections, duplicates, expired)
SELECT last.prediction_id, p.id, p.use_case, p.champion_version, p.challenger_version, p.arm, last.truth,
    last.truth_key, last.source, last.event_time, last.received_at,
    (SELECT count(*) FROM feedback_events o
     WHERE o.prediction_id = last.prediction_id AND o.truth_key <> last.truth_key),
    (SELECT sum(o.seen) - count(*) FROM feedback_events o WHERE o.prediction_id = last.prediction_id),
    false
FROM (SELECT feedback_events.*, row_number() OVER (PARTITION BY prediction_id
        ORDER BY event_time DESC, truth_key DESC, source DESC) AS place FROM feedback_events) last
JOIN predictions p ON p.prediction_id = last.prediction_id
JOIN feedback f ON f.prediction_id = last.prediction_id AND f.source = last.source
WHERE last.place = 1
ORDER BY f.id
"""
FEEDBACK = """
INSERT INTO feedback (prediction_id, source, use_case, truth, truth_key, event_time, received_at, corrections,
    duplicates)
SELECT last.prediction_id, last.source, p.use_case, last.truth, last.truth_key, last.event_time, last.received_at,
    (SELECT count(*) - 1 FROM feedback_events o
     WHERE o.prediction_id = last.prediction_id AND o.source = last.source),
    (SELECT sum(o.seen) - count(*) FROM feedback_events o
     WHERE o.prediction_id = last.prediction_id AND o.source = last.source)
FROM (SELECT feedback_events.*, row_number() OVER (PARTITION BY prediction_id, source
        ORDER BY event_time DESC, truth_key DESC) AS place FROM feedback_events) last
JOIN predictions p ON p.prediction_id = last.prediction_id
JOIN labels l ON l.prediction_id = last.prediction_id
WHERE last.place = 1
ORDER BY l.id
"""
TRAFFIC = """
INSERT INTO traffic
    (use_case, champion_version, challenger_version, phase, arm, answers, degraded, labels, first_at, last_at)
SELECT p.use_case, p.champion_version, coalesce(p.challenger_version, 0), p.phase, p.arm,
    count(*), sum(CASE WHEN p.degraded THEN 1 ELSE 0 END), count(l.id), min(p.at), max(p.at)
FROM predictions p LEFT JOIN labels l ON l.prediction_id = p.prediction_id
GROUP BY p.use_case, p.champion_version, coalesce(p.challenger_version, 0), p.phase, p.arm
"""
OLD_INDEX = "ix_predictions_use_case_champion_version_challenger_version_arm_id"
NEW_INDEX = "ix_predictions_use_case_id"
EVENT_KEY = ["prediction_id", "source", "event_time", "truth_key"]


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
        sa.Column("prediction", sa.BigInteger(), nullable=False),
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
    op.execute(LABELS)
    op.drop_table("feedback")
    _key_events([*EVENT_KEY, "timed"], sa.Column("timed", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.execute("UPDATE feedback_events SET timed = (event_time <> received_at)")
    with op.batch_alter_table("parked_feedback", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sent_by", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("seen", sa.Integer(), server_default="1", nullable=False))
    with op.batch_alter_table("verdicts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("label_id", sa.BigInteger(), server_default="0", nullable=False))

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
    op.execute(TRAFFIC)
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.add_column(sa.Column("role", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("route", sa.String(length=128), nullable=True))
        batch_op.add_column(sa.Column("request_id", sa.String(length=64), nullable=True))

    with op.batch_alter_table("predictions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("asked_by", sa.String(length=16), nullable=True))
        batch_op.drop_index(batch_op.f(OLD_INDEX))
        batch_op.create_index(NEW_INDEX, ["use_case", "id"], unique=False)

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
        batch_op.drop_index(NEW_INDEX)
        batch_op.create_index(
            batch_op.f(OLD_INDEX), ["use_case", "champion_version", "challenger_version", "arm", "id"], unique=False
        )
        batch_op.drop_column("asked_by")

    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.drop_column("request_id")
        batch_op.drop_column("route")
        batch_op.drop_column("role")

    op.drop_table("traffic")
    with op.batch_alter_table("verdicts", schema=None) as batch_op:
        batch_op.drop_column("label_id")
    with op.batch_alter_table("parked_feedback", schema=None) as batch_op:
        batch_op.drop_column("seen")
        batch_op.drop_column("sent_by")
    op.create_table(
        "feedback",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("prediction_id", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("use_case", sa.String(length=64), nullable=False),
        sa.Column("truth", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("truth_key", sa.String(length=512), nullable=False),
        sa.Column("event_time", sa.String(length=32), nullable=False),
        sa.Column("received_at", sa.String(length=32), nullable=False),
        sa.Column("corrections", sa.Integer(), nullable=False),
        sa.Column("duplicates", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
        sa.UniqueConstraint("prediction_id", "source", name=op.f("uq_feedback_prediction_id_source")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feedback_use_case_id"), ["use_case", "id"], unique=False)
    op.execute(FEEDBACK)
    _key_events(EVENT_KEY, None)
    with op.batch_alter_table("labels", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_labels_use_case_champion_version_challenger_version_id"))

    op.drop_table("labels")
    op.drop_table("keys")


def _key_events(key: list[str], new: sa.Column[bool] | None) -> None:
    """Give table feedback_events another key, with a column more or without the last one."""
    with op.batch_alter_table("feedback_events", schema=None) as batch_op:
        batch_op.drop_constraint("pk_feedback_events", type_="primary")
        if new is not None:
            batch_op.add_column(new)
        else:
            batch_op.drop_column("timed")
        batch_op.create_primary_key("pk_feedback_events", key)
