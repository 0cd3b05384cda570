"""The label of a prediction: what follows from all events about it, one row, with the versions that it judges.

Ids only ever grow, in the order in which the rows become visible (`labelling.stand_in_line`). A label whose evidence
changes takes a new id: it was corrected, it came to count, or the other version scored its prediction only then. So who
goes on reading `after` the last id misses nothing: such a label comes again, and replaces the earlier one of the same
prediction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa

from resources.state.database import UtcTime, metadata
from resources.state.prediction import Arm, Value
from resources.state.predictions import predictions
from resources.state.traffic import NO_CHALLENGER, traffic

labels = sa.Table(
    "labels",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("prediction_id", sa.String(64), nullable=False, unique=True),
    sa.Column("prediction", sa.BigInteger, nullable=False, comment="its row; joined in a third of the id's time"),
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


@dataclass(frozen=True)
class Pair:
    """One label that counts, of a prediction that both versions scored."""

    label_id: int
    prediction_id: str
    champion_value: Value
    challenger_value: Value
    truth: Value
    arm: Arm


def read_paired(
    connection: sa.Connection, use_case: str, champion_version: int, challenger_version: int, after: int = 0
) -> list[Pair]:
    """Labels with an id above `after` that count and whose prediction both versions scored, in the order of the ids."""
    columns = [labels.c.id, labels.c.prediction_id, *_values(connection), labels.c.arm]
    query = _scored_by_both(_evidence(columns, use_case, champion_version, challenger_version))
    return [Pair(*row) for row in zip(*_columns(connection, query.where(labels.c.id > after), (2, 3, 4)), strict=True)]


def labelled_pairs(
    connection: sa.Connection, use_case: str, champion_version: int, challenger_version: int
) -> list[tuple[Any, ...]]:
    """(champion's value, challenger's value, truth) of each labelled row that both scored, in the order of labels."""
    query = _scored_by_both(_evidence(_values(connection), use_case, champion_version, challenger_version))
    return list(zip(*_columns(connection, query, (0, 1, 2)), strict=True))


def evidence_columns(
    connection: sa.Connection, use_case: str, champion_version: int, challenger_version: int, *, features: bool = False
) -> dict[str, list[Any]]:
    """Every label that counts while these two versions were served, as columns in the order of the label ids.

    The names are those of `decision.evidence.LABEL_COLUMNS`, `unit_id`, and `features` where they are asked for; a
    value is None where that version did not score the row.
    """
    champion, challenger, truth = _values(connection)
    wanted = {
        "label_id": labels.c.id,
        "prediction": predictions.c.id,
        "prediction_id": predictions.c.prediction_id,
        "phase": predictions.c.phase,
        "arm": labels.c.arm,
        "champion": champion,
        "challenger": challenger,
        "truth": truth,
        "answered_at": predictions.c.at,
        "labelled_at": labels.c.received_at,
        "unit_id": predictions.c.unit_id,
    }
    texts = ["champion", "challenger", "truth"]
    if features:
        wanted["features"] = _text(connection, predictions.c.features)
        texts.append("features")
    query = _evidence(
        [column.label(name) for name, column in wanted.items()], use_case, champion_version, challenger_version
    )
    columns = _columns(connection, query, [list(wanted).index(name) for name in texts])
    return dict(zip(wanted, columns, strict=True))


def newest_label(connection: sa.Connection, use_case: str, champion_version: int, challenger_version: int) -> int:
    """Id of the newest label of this pair, 0 before the first: one look at the end of an index."""
    query = sa.select(sa.func.max(labels.c.id)).where(*_of(use_case, champion_version, challenger_version))
    return connection.execute(query).scalar() or 0


def count_labels(
    connection: sa.Connection, use_case: str, champion_version: int, challenger_version: int | None
) -> dict[Arm, int]:
    """Labels that count per arm while these versions were served, from the counters."""
    query = sa.select(traffic.c.arm, sa.func.sum(traffic.c.labels)).where(
        traffic.c.use_case == use_case,
        traffic.c.champion_version == champion_version,
        traffic.c.challenger_version == (challenger_version or NO_CHALLENGER),
    )
    counted = {arm: int(count) for arm, count in connection.execute(query.group_by(traffic.c.arm))}
    return {"A": counted.get("A", 0), "B": counted.get("B", 0)}


def _evidence(columns: Sequence[Any], use_case: str, champion_version: int, challenger_version: int) -> sa.Select[Any]:
    return (
        sa.select(*columns)
        .join_from(labels, predictions, labels.c.prediction == predictions.c.id)
        .where(*_of(use_case, champion_version, challenger_version), labels.c.expired.is_(False))
        .order_by(labels.c.id)
    )


def _scored_by_both(query: sa.Select[Any]) -> sa.Select[Any]:
    return query.where(predictions.c.champion_value.is_not(None), predictions.c.challenger_value.is_not(None))


def _of(use_case: str, champion_version: int, challenger_version: int) -> list[sa.ColumnElement[bool]]:
    return [
        labels.c.use_case == use_case,
        labels.c.champion_version == champion_version,
        labels.c.challenger_version == challenger_version,
    ]


def _values(connection: sa.Connection) -> list[sa.ColumnElement[str]]:
    columns = (predictions.c.champion_value, predictions.c.challenger_value, labels.c.truth)
    return [_text(connection, column) for column in columns]


def _text(connection: sa.Connection, column: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    """JSON as it stands in the database. SQLite gives it as text or number; a cast would take as long as the join."""
    return sa.type_coerce(column, sa.Text) if connection.dialect.name == "sqlite" else sa.cast(column, sa.Text)


def _columns(connection: sa.Connection, query: sa.Select[Any], texts: Sequence[int]) -> list[list[Any]]:
    """Columns of a query, those at `texts` decoded from JSON as a whole: ten times as fast as value by value."""
    rows = connection.execute(query).all()
    columns = [[row[place] for row in rows] for place in range(len(query.selected_columns))]
    for place in texts:
        columns[place] = orjson.loads(f"[{','.join('null' if one is None else str(one) for one in columns[place])}]")
    return columns
