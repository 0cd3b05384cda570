"""How many answers and labels each arm has: counters kept with the log, so that nobody counts millions of rows.

They count what happened: rows that are pruned later stay counted.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from resources.state.database import UtcTime, marks, metadata, utc_text

if TYPE_CHECKING:
    from resources.state.predictions import Prediction

NO_CHALLENGER = 0  # part of the key, and a key holds no NULL

traffic = sa.Table(
    "traffic",
    metadata,
    sa.Column("use_case", sa.String(64), primary_key=True),
    sa.Column("champion_version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("challenger_version", sa.Integer, primary_key=True, autoincrement=False, comment="0 = no challenger"),
    sa.Column("phase", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("arm", sa.String(1), primary_key=True),
    sa.Column("answers", sa.BigInteger, nullable=False),
    sa.Column("degraded", sa.BigInteger, nullable=False),
    sa.Column("labels", sa.BigInteger, nullable=False),
    sa.Column("first_at", UtcTime, nullable=False),
    sa.Column("last_at", UtcTime, nullable=False),
)


@dataclass(frozen=True)
class Counted:
    """What one arm did in one phase."""

    phase: int
    arm: str
    answers: int
    labels: int
    first_at: datetime
    last_at: datetime


KEY = tuple(column.name for column in traffic.primary_key)
ADD_ANSWERS = f"""
INSERT INTO traffic ({", ".join(KEY)}, answers, degraded, labels, first_at, last_at)
VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?)
ON CONFLICT ({", ".join(KEY)}) DO UPDATE SET
    answers = traffic.answers + excluded.answers,
    degraded = traffic.degraded + excluded.degraded,
    first_at = CASE WHEN excluded.first_at < traffic.first_at THEN excluded.first_at ELSE traffic.first_at END,
    last_at = CASE WHEN excluded.last_at > traffic.last_at THEN excluded.last_at ELSE traffic.last_at END
"""
ADD_LABELS = f"UPDATE traffic SET labels = labels + ? WHERE {' AND '.join(f'{name} = ?' for name in KEY)}"


def tally(rows: Iterable["Prediction"]) -> list[tuple[Any, ...]]:
    """Values for ADD_ANSWERS, in the order of the key, so that no two writers can wait for each other."""
    counts: dict[tuple[Any, ...], list[Any]] = {}
    for row in rows:
        challenger = row.challenger_version or NO_CHALLENGER
        key = (row.use_case, row.champion_version, challenger, row.phase, row.arm)
        found = counts.get(key)
        if found is None:
            counts[key] = [1, int(row.degraded), row.at, row.at]
        else:
            found[0] += 1
            found[1] += row.degraded
            found[2], found[3] = min(found[2], row.at), max(found[3], row.at)
    return [
        (*key, answers, degraded, utc_text(first), utc_text(last))
        for key, (answers, degraded, first, last) in sorted(counts.items())
    ]


def add_answers(connection: sa.Connection, rows: Iterable["Prediction"]) -> None:
    """Count answers; call it in the transaction that logs them, and last in it: others wait for its counters."""
    connection.exec_driver_sql(marks(ADD_ANSWERS, connection.dialect), tally(rows))


def add_labels(connection: sa.Connection, rows: Iterable[tuple[str, int, int | None, int, str, int]]) -> None:
    """Count labels that came (or, below 0, that count no more) of answers that were counted before.

    Parameters
    ----------
    rows : iterable of (use_case, champion_version, challenger_version, phase, arm, count)
    """
    values = [(name, old, new or NO_CHALLENGER, phase, arm, count) for name, old, new, phase, arm, count in rows]
    if values:
        ordered = [(row[-1], *row[:-1]) for row in sorted(values)]
        connection.exec_driver_sql(marks(ADD_LABELS, connection.dialect), ordered)


def phases(connection: sa.Connection, use_case: str, champion_version: int, challenger_version: int) -> list[Counted]:
    """What each arm did while these versions were served, phase by phase."""
    query = sa.select(*(traffic.c[field.name] for field in fields(Counted))).where(
        traffic.c.use_case == use_case,
        traffic.c.champion_version == champion_version,
        traffic.c.challenger_version == challenger_version,
    )
    return [Counted(**row) for row in connection.execute(query.order_by(traffic.c.phase, traffic.c.arm)).mappings()]
