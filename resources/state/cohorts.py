"""Answers counted by block, arm and what was said: the evidence about labels that did not come."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from resources.state.predictions import predictions
from resources.state.traffic import phases

BLOCKS = 100
BLOCK_MIN = 50  # answers of a block; smaller ones say nothing more


@dataclass(frozen=True)
class Cohort:
    """Answers of one block, phase and arm, and how many of them lack a version's score.

    `agree`: whether both versions said the same, None where one did not score the rows; `said`: the answer, where it
    was asked for.
    """

    block: int
    phase: int
    arm: str
    agree: bool | None
    said: str | None
    ended_at: datetime
    answers: int
    without_champion: int
    without_challenger: int
    degraded: int


def block_size(connection: sa.Connection, use_case: str, champion_version: int, challenger_version: int) -> int:
    """Rows of the log in a block, so that there are some `BLOCKS`."""
    counted = phases(connection, use_case, champion_version, challenger_version)
    return max(BLOCK_MIN, sum(row.answers for row in counted) // BLOCKS)


def cohorts_of(
    connection: sa.Connection, use_case: str, champion_version: int, challenger_version: int, size: int, *, said: bool
) -> list[Cohort]:
    """Every answer while these two versions were served, counted; `size` rows of the log are a block."""
    of = predictions.c
    old, new = (_text(connection, column) for column in (of.champion_value, of.challenger_value))
    keys = [
        (of.id // size).label("block"),
        of.phase,
        of.arm,
        sa.case((old.is_(None) | new.is_(None), None), else_=(old == new)).label("agree"),
        (_text(connection, of.answered) if said else sa.null()).label("said"),
    ]
    counts = [
        sa.func.max(of.at).label("ended_at"),
        sa.func.count().label("answers"),
        _number(old.is_(None)).label("without_champion"),
        _number(new.is_(None)).label("without_challenger"),
        _number(of.degraded.is_(True)).label("degraded"),
    ]
    mine = (
        of.use_case == use_case,
        of.champion_version == champion_version,
        of.challenger_version == challenger_version,
    )
    query = sa.select(*keys, *counts).where(*mine)
    grouped = query.group_by(*(sa.literal_column(name) for name in ("block", "phase", "arm", "agree", "said")))
    rows = connection.execute(grouped.order_by(sa.literal_column("block"), of.phase, of.arm)).mappings()
    return [_cohort(row) for row in rows]


def _cohort(row: Any) -> Cohort:
    agree = None if row["agree"] is None else bool(row["agree"])
    said = None if row["said"] is None else str(row["said"])
    return Cohort(**{**row, "agree": agree, "said": said})


def _text(connection: sa.Connection, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """JSON as it stands in the database; PostgreSQL compares no JSON."""
    return sa.type_coerce(column, sa.Text) if connection.dialect.name == "sqlite" else sa.cast(column, sa.Text)


def _number(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[Any]:
    return sa.func.sum(sa.case((condition, 1), else_=0))
