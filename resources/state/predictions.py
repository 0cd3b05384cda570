"""The prediction log: every answer with the versions that scored it, and its evidence once the truth arrived."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from resources.state.database import UtcTime, metadata
from resources.state.feedback import feedback

Arm = Literal["A", "B"]
Value = str | int | float

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
    sa.Index(None, "use_case", "champion_version", "challenger_version", "arm", "id"),
    sqlite_autoincrement=True,
)


@dataclass(frozen=True)
class Prediction:
    """One answered row.

    A value is None where that version did not score it: unpaired, no challenger, or not yet (the arm that did not
    answer is scored off the request's path). `asked_by` is the id of the caller's key, None where none is asked for.
    """

    prediction_id: str
    use_case: str
    unit_id: str
    arm: Arm
    champion_version: int
    challenger_version: int | None
    champion_value: Value | None
    challenger_value: Value | None
    answered: Value
    features: dict[str, Any]
    phase: int
    at: datetime
    degraded: bool = False
    asked_by: str | None = None


@dataclass(frozen=True)
class Pair:
    """One labelled prediction that both versions scored; `label_id` grows in the order labels arrived."""

    label_id: int
    prediction_id: str
    champion_value: Value
    challenger_value: Value
    truth: Value
    arm: Arm


def insert(connection: sa.Connection, rows: Iterable[Prediction]) -> None:
    """Append answers; a prediction id that is there already is an error of the database."""
    values = [vars(row) for row in rows]
    if values:
        connection.execute(predictions.insert(), values)


def use_cases_of(connection: sa.Connection, prediction_ids: Iterable[str]) -> dict[str, str]:
    """Use case of each prediction id that is known."""
    query = sa.select(predictions.c.prediction_id, predictions.c.use_case)
    rows = connection.execute(query.where(predictions.c.prediction_id.in_(list(prediction_ids))))
    return {row.prediction_id: row.use_case for row in rows}


def read_paired(
    connection: sa.Connection, use_case: str, champion_version: int, challenger_version: int, after: int = 0
) -> list[Pair]:
    """Labelled rows that both versions scored, in the order of label arrival, from `after` (a label_id) on."""
    last = _labels(use_case)
    query = (
        sa.select(
            last.c.id.label("label_id"),
            predictions.c.prediction_id,
            predictions.c.champion_value,
            predictions.c.challenger_value,
            last.c.truth,
            predictions.c.arm,
        )
        .join(last, last.c.prediction_id == predictions.c.prediction_id)
        .where(*_pair(use_case, champion_version, challenger_version), last.c.id > after)
        .where(predictions.c.champion_value.is_not(None), predictions.c.challenger_value.is_not(None))
        .order_by(last.c.id)
    )
    return [Pair(**row) for row in connection.execute(query).mappings()]


def labelled_pairs(
    connection: sa.Connection, use_case: str, champion_version: int, challenger_version: int
) -> list[tuple[Value, Value, Value]]:
    """(champion's value, challenger's value, truth) of each row both scored, in the order of label arrival."""
    pairs = read_paired(connection, use_case, champion_version, challenger_version)
    return [(pair.champion_value, pair.challenger_value, pair.truth) for pair in pairs]


def labelled_answers(
    connection: sa.Connection, use_case: str, champion_version: int, challenger_version: int
) -> list[tuple[Arm, Value, Value]]:
    """(arm, its answer, truth) while these two versions were served, in the order of label arrival.

    This is the evidence of a use case whose answers change the outcome, so that a label judges one arm only.
    """
    last = _labels(use_case)
    query = (
        sa.select(predictions.c.arm, predictions.c.answered, last.c.truth)
        .join(last, last.c.prediction_id == predictions.c.prediction_id)
        .where(*_pair(use_case, champion_version, challenger_version))
        .order_by(last.c.id)
    )
    return [(arm, answered, truth) for arm, answered, truth in connection.execute(query)]


def count_arms(
    connection: sa.Connection,
    use_case: str,
    champion_version: int,
    challenger_version: int | None,
    phase: int | None = None,
) -> dict[Arm, int]:
    """Answers per arm while these versions were served, within one phase when it is given."""
    query = sa.select(predictions.c.arm, sa.func.count()).where(*_pair(use_case, champion_version, challenger_version))
    if phase is not None:
        query = query.where(predictions.c.phase == phase)
    return _per_arm(connection, query)


def count_labels(
    connection: sa.Connection, use_case: str, champion_version: int, challenger_version: int | None
) -> dict[Arm, int]:
    """Labelled answers per arm while these versions were served."""
    last = _labels(use_case)
    query = (
        sa.select(predictions.c.arm, sa.func.count())
        .join(last, last.c.prediction_id == predictions.c.prediction_id)
        .where(*_pair(use_case, champion_version, challenger_version))
    )
    return _per_arm(connection, query)


def _per_arm(connection: sa.Connection, query: sa.Select[Any]) -> dict[Arm, int]:
    counted = {row[0]: row[1] for row in connection.execute(query.group_by(predictions.c.arm))}
    return {"A": counted.get("A", 0), "B": counted.get("B", 0)}


def export_rows(connection: sa.Connection, use_case: str, block: int = 10_000) -> Iterator[dict[str, Any]]:
    """Every answer of a use case with its truth if that arrived, oldest first, read in blocks by key."""
    last, after = _labels(use_case), 0
    query = (
        sa.select(predictions, last.c.truth.label("truth"))
        .join(last, last.c.prediction_id == predictions.c.prediction_id, isouter=True)
        .where(predictions.c.use_case == use_case)
        .order_by(predictions.c.id)
        .limit(block)
    )
    while rows := connection.execute(query.where(predictions.c.id > after)).mappings().all():
        yield from (dict(row) for row in rows)
        after = int(rows[-1]["id"])


def _pair(use_case: str, champion_version: int, challenger_version: int | None) -> list[sa.ColumnElement[bool]]:
    return [
        predictions.c.use_case == use_case,
        predictions.c.champion_version == champion_version,
        predictions.c.challenger_version == challenger_version,
    ]


def _labels(use_case: str) -> sa.Subquery:
    """One label per prediction: of several sources, the one with the latest event time."""
    latest_first = (feedback.c.event_time.desc(), feedback.c.truth_key.desc(), feedback.c.source.desc())
    rank = sa.func.row_number().over(partition_by=feedback.c.prediction_id, order_by=latest_first).label("rank")
    ranked = sa.select(feedback, rank).where(feedback.c.use_case == use_case).subquery()
    return sa.select(ranked).where(ranked.c.rank == 1).subquery()
