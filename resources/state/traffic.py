"""How many answers, units and labels each arm has: counters kept with the log, so that nobody counts millions of rows.

They count what happened: rows that are pruned later stay counted.
"""

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from resources.state.database import UtcTime, marks, metadata, utc_text
from resources.state.prediction import Prediction
from resources.state.units import MEET, Met

NO_CHALLENGER = 0  # part of the key, and a key holds no NULL
Run = Callable[[str, Sequence[tuple[Any, ...]]], int]  # a statement for many rows; how many rows it wrote

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
    sa.Column(
        "units",
        sa.BigInteger,
        nullable=False,
        comment="met in this phase; without a challenger only those that were not named",
    ),
    sa.Column("first_at", UtcTime, nullable=False),
    sa.Column("last_at", UtcTime, nullable=False),
)


@dataclass(frozen=True)
class Counted:
    """What one arm did in one phase, and how many units it answered."""

    phase: int
    arm: str
    answers: int
    labels: int
    units: int
    first_at: datetime
    last_at: datetime


KEY = tuple(column.name for column in traffic.primary_key)
ADD_ANSWERS = f"""
INSERT INTO traffic ({", ".join(KEY)}, answers, degraded, labels, units, first_at, last_at)
VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?)
ON CONFLICT ({", ".join(KEY)}) DO UPDATE SET
    answers = traffic.answers + excluded.answers,
    degraded = traffic.degraded + excluded.degraded,
    units = traffic.units + excluded.units,
    first_at = CASE WHEN excluded.first_at < traffic.first_at THEN excluded.first_at ELSE traffic.first_at END,
    last_at = CASE WHEN excluded.last_at > traffic.last_at THEN excluded.last_at ELSE traffic.last_at END
"""
ADD_LABELS = f"UPDATE traffic SET labels = labels + ? WHERE {' AND '.join(f'{name} = ?' for name in KEY)}"


@dataclass
class Sum:
    """Answers of one key: when, how many, and the units that requests named; `alone`: those that named nobody."""

    first_at: datetime
    last_at: datetime
    answers: int = 0
    degraded: int = 0
    alone: int = 0
    named: set[str] = field(default_factory=set)

    def add(self, row: Prediction) -> None:
        """Count a row."""
        self.first_at, self.last_at = min(self.first_at, row.at), max(self.last_at, row.at)
        self.answers += 1
        self.degraded += row.degraded
        if row.unit_id == row.prediction_id:
            self.alone += 1
        else:
            self.named.add(row.unit_id)


def sums(rows: Iterable[Prediction]) -> dict[tuple[Any, ...], Sum]:
    """The rows by the key of their counter, in its order."""
    found: dict[tuple[Any, ...], Sum] = {}
    for row in rows:
        key = (row.use_case, row.champion_version, row.challenger_version or NO_CHALLENGER, row.phase, row.arm)
        if key not in found:
            found[key] = Sum(row.at, row.at)
        found[key].add(row)
    return dict(sorted(found.items()))


def count_answers(rows: Iterable[Prediction], run: Run, met: Container[Met] = ()) -> list[Met]:
    """Count answers, in the transaction that logs them, and last in it: others wait for its counters.

    Units and counters are written in one order, so that no two writers can wait for each other.

    Parameters
    ----------
    met : units that are known to be in the table, which spares a look

    Returns
    -------
    list of Met
        Units of these answers that are in the table once the transaction is committed.
    """
    counted = sums(rows)
    named = {key: [one for one in _named(key, found) if one not in met] for key, found in counted.items()}
    units = {key: found.alone + (run(MEET, named[key]) if named[key] else 0) for key, found in counted.items()}
    values = [
        (*key, one.answers, one.degraded, units[key], utc_text(one.first_at), utc_text(one.last_at))
        for key, one in counted.items()
    ]
    run(ADD_ANSWERS, values)
    return [one for those in named.values() for one in those]


def add_answers(connection: sa.Connection, rows: Iterable[Prediction]) -> None:
    """Count answers on a connection of SQLAlchemy; see `count_answers`."""

    def run(statement: str, values: Sequence[tuple[Any, ...]]) -> int:
        return connection.exec_driver_sql(marks(statement, connection.dialect), list(values)).rowcount

    count_answers(rows, run)


def _named(key: tuple[Any, ...], found: Sum) -> list[Met]:
    *phase, _ = key
    return [] if key[2] == NO_CHALLENGER else [(*phase, unit) for unit in sorted(found.named)]


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
