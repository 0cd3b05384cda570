"""What was served, minute by minute: performance (requests, errors, seconds) and models (answers, confidence, classes).

A row is one process's minute, so that nobody reads before writing; whoever asks adds them up. Seconds and confidence
are kept as counts of buckets, which add up over processes and minutes as quantiles do not.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from resources.state.database import UtcTime, metadata

Buckets = dict[str, int]  # upper edge, as text: how many

performance_minutes = sa.Table(
    "performance_minutes",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("use_case", sa.String(64), nullable=False),
    sa.Column("step", sa.String(16), nullable=False, comment="answer: a request's answer; reading: OCR of a document"),
    sa.Column("minute", UtcTime, nullable=False),
    sa.Column("requests", sa.Integer, nullable=False),
    sa.Column("errors", sa.Integer, nullable=False),
    sa.Column("seconds", sa.JSON(none_as_null=True), nullable=False, comment="upper edge of a bucket: how many"),
    sa.Index(None, "use_case", "minute"),
)
model_minutes = sa.Table(
    "model_minutes",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("use_case", sa.String(64), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("minute", UtcTime, nullable=False),
    sa.Column("answers", sa.Integer, nullable=False),
    sa.Column("abstained", sa.Integer, nullable=False),
    sa.Column("confidence_sum", sa.Float, nullable=False, comment="of the largest probability of each answer"),
    sa.Column("confidence", sa.JSON(none_as_null=True), nullable=False, comment="upper edge of a bucket: how many"),
    sa.Column("classes", sa.JSON(none_as_null=True), nullable=False, comment="predicted class: how many"),
    sa.Index(None, "use_case", "version", "minute"),
)


@dataclass(frozen=True)
class PerformanceMinute:
    """What one process did of one step within a minute; `errors` are among the `requests`."""

    use_case: str
    step: str
    minute: datetime
    requests: int
    errors: int
    seconds: Buckets


@dataclass(frozen=True)
class ModelMinute:
    """What one version answered in one process within a minute; a regression has neither confidence nor classes."""

    use_case: str
    version: int
    minute: datetime
    answers: int
    abstained: int
    confidence_sum: float
    confidence: Buckets
    classes: dict[str, int]


def add_minutes(
    connection: sa.Connection, performance: Iterable[PerformanceMinute], models: Iterable[ModelMinute]
) -> None:
    """Keep what one process did."""
    for table, rows in ((performance_minutes, performance), (model_minutes, models)):
        values = [vars(row) for row in rows]
        if values:
            connection.execute(sa.insert(table), values)


def performance_since(connection: sa.Connection, use_case: str, since: datetime) -> list[PerformanceMinute]:
    """Rows of a use case from a moment on, by minute."""
    table = performance_minutes.c
    query = sa.select(performance_minutes).where(table.use_case == use_case, table.minute >= since)
    rows = connection.execute(query.order_by(table.minute, table.id)).mappings()
    return [PerformanceMinute(**{name: row[name] for name in PerformanceMinute.__dataclass_fields__}) for row in rows]


def models_since(connection: sa.Connection, use_case: str, version: int, since: datetime) -> list[ModelMinute]:
    """Rows of a version from a moment on, by minute."""
    table = model_minutes.c
    query = sa.select(model_minutes).where(table.use_case == use_case, table.version == version, table.minute >= since)
    rows = connection.execute(query.order_by(table.minute, table.id)).mappings()
    return [ModelMinute(**{name: row[name] for name in ModelMinute.__dataclass_fields__}) for row in rows]


def delete_minutes(connection: sa.Connection, use_case: str, before: datetime) -> None:
    """Forget the minutes of a use case from before a moment."""
    for table in (performance_minutes, model_minutes):
        connection.execute(sa.delete(table).where(table.c.use_case == use_case, table.c.minute < before))
