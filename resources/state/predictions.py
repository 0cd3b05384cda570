"""The prediction log: every answer with the versions that scored it.

Rows are written by plain statements of the driver, their values encoded once: SQLAlchemy's processing of each value
costs more than the insert.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa

from resources.state import traffic
from resources.state.database import UtcTime, marks, metadata, utc_text
from resources.state.prediction import Arm, Prediction, Side

Encoded = tuple[Any, ...]

predictions = sa.Table(
    "predictions",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("prediction_id", sa.String(64), nullable=False, unique=True),
    sa.Column("use_case", sa.String(64), nullable=False),
    sa.Column("unit_id", sa.String(256), nullable=False),
    sa.Column("arm", sa.String(1), nullable=False),
    sa.Column("champion_version", sa.Integer, nullable=False),
    sa.Column("challenger_version", sa.Integer),
    sa.Column("champion_value", sa.JSON(none_as_null=True)),
    sa.Column("challenger_value", sa.JSON(none_as_null=True)),
    sa.Column("answered", sa.JSON(none_as_null=True), nullable=False),
    sa.Column("features", sa.JSON(none_as_null=True), nullable=False),
    sa.Column("phase", sa.Integer, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("degraded", sa.Boolean, nullable=False),
    sa.Column("asked_by", sa.String(16)),
    sa.Column("abstained", sa.Boolean),
    sa.Index(None, "use_case", "id"),
    sqlite_autoincrement=True,
)

INSERT = (
    f"INSERT INTO predictions ({', '.join(Prediction._fields)}) VALUES ({', '.join('?' * len(Prediction._fields))})"
)


class Unscored(NamedTuple):
    """A logged row that one version has not scored."""

    prediction_id: str
    side: Side
    features: dict[str, Any]


def encode(rows: Iterable[Prediction]) -> list[Encoded]:
    """Values for INSERT, a row each; rows that are answered together share their moment, which is written once."""
    encoded, moment, text = list[Encoded](), None, ""
    for row in rows:
        if row.at is not moment:
            moment, text = row.at, utc_text(row.at)
        values = (
            json_text(row.champion_value),
            json_text(row.challenger_value),
            json_text(row.answered),
            json_text(row.features),
        )
        encoded.append((*row[:6], *values, row.phase, text, bool(row.degraded), row.asked_by, row.abstained))
    return encoded


def insert(connection: sa.Connection, rows: Iterable[Prediction]) -> None:
    """Append answers and count them; a prediction id that is there already is an error of the database."""
    rows = list(rows)
    if rows:
        connection.exec_driver_sql(marks(INSERT, connection.dialect), encode(rows))
        traffic.add_answers(connection, rows)


def unscored(
    connection: sa.Connection,
    use_case: str,
    champion_version: int,
    challenger_version: int,
    *,
    looked_at: int = 50_000,
    limit: int = 10_000,
) -> list[Unscored]:
    """The newest rows of a pair that one of both has not scored, at most `limit` among the newest `looked_at` rows."""
    newest = sa.select(sa.func.max(predictions.c.id)).scalar_subquery()
    query = (
        sa.select(predictions.c.prediction_id, predictions.c.champion_value.is_(None), predictions.c.features)
        .where(predictions.c.use_case == use_case, predictions.c.id > newest - looked_at)
        .where(predictions.c.champion_version == champion_version)
        .where(predictions.c.challenger_version == challenger_version)
        .where(predictions.c.champion_value.is_(None) | predictions.c.challenger_value.is_(None))
        .order_by(predictions.c.id.desc())
        .limit(limit)
    )
    rows = connection.execute(query)
    return [Unscored(one, "champion" if champion else "challenger", features) for one, champion, features in rows]


def newest_features(
    connection: sa.Connection, use_case: str, champion_version: int, challenger_version: int, limit: int
) -> list[dict[str, Any]]:
    """Features of the newest rows that this pair answered, newest first."""
    query = (
        sa.select(predictions.c.features)
        .where(predictions.c.use_case == use_case)
        .where(predictions.c.champion_version == champion_version)
        .where(predictions.c.challenger_version == challenger_version)
        .order_by(predictions.c.id.desc())
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def count_arms(
    connection: sa.Connection,
    use_case: str,
    champion_version: int,
    challenger_version: int | None,
    phase: int | None = None,
) -> dict[Arm, int]:
    """Answers per arm while these versions were served, within one phase when it is given, from the counters."""
    counters = traffic.traffic.c
    query = sa.select(counters.arm, sa.func.sum(counters.answers)).where(
        counters.use_case == use_case,
        counters.champion_version == champion_version,
        counters.challenger_version == (challenger_version or traffic.NO_CHALLENGER),
    )
    if phase is not None:
        query = query.where(counters.phase == phase)
    counted = {arm: int(count) for arm, count in connection.execute(query.group_by(counters.arm))}
    return {"A": counted.get("A", 0), "B": counted.get("B", 0)}


def json_text(value: Any) -> str | None:
    """A value as the log keeps it."""
    return None if value is None else orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY).decode()
