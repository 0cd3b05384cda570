"""The label of a prediction: what follows from all events about it, one row, with the versions that it judges."""

import sqlalchemy as sa

from resources.state.database import UtcTime, metadata

labels = sa.Table(
    "labels",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("prediction_id", sa.String(64), nullable=False, unique=True),
    sa.Column("use_case", sa.String(64), nullable=False),
    sa.Column("champion_version", sa.Integer, nullable=False),
    sa.Column("challenger_version", sa.Integer),
    sa.Column("arm", sa.String(1), nullable=False),
    sa.Column("truth", sa.JSON(none_as_null=True), nullable=False),
    sa.Column("truth_key", sa.String(512), nullable=False),
    sa.Column("source", sa.String(64), nullable=False),
    sa.Column("event_time", UtcTime, nullable=False),
    sa.Column("received_at", UtcTime, nullable=False),
    sa.Column("corrections", sa.Integer, nullable=False),
    sa.Column("duplicates", sa.Integer, nullable=False),
    sa.Column("expired", sa.Boolean, nullable=False),
    sa.Index(None, "use_case", "champion_version", "challenger_version", "id"),
    sqlite_autoincrement=True,
)
