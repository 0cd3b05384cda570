"""Answers counted by block, arm and what was said: the evidence about labels that did not come.

Labels are counted for the first answer of each unit: its arm was drawn once, and a unit that asks a thousand times and
tells no truth says once that labels do not come.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from resources.state.labels import labels
from resources.state.predictions import predictions
from resources.state.traffic import phases

BLOCKS = 100
BLOCK_MIN = 50  # answers of a block; smaller ones say nothing more


@dataclass(frozen=True)
class Cohort:
    """Answers of one block, phase and arm, and how many of them lack a version's score.

    `units` of these answers are the first of their unit, and of those `labels` have a label that counts.
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
    units: int
    labels: int
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
    pair = (use_case, champion_version, challenger_version)
    one = _answers(connection, pair, size, said).subquery().c
    counts = [
        sa.func.max(one.at).label("ended_at"),
        sa.func.count().label("answers"),
        _number(one.place == 1).label("units"),
        _number((one.place == 1) & one.labelled.is_not(None)).label("labels"),
        _number(one.no_champion).label("without_champion"),
        _number(one.no_challenger).label("without_challenger"),
        _number(one.degraded.is_(True)).label("degraded"),
    ]
    cohort = [one.block, one.phase, one.arm, one.agree, one.said]
    query = sa.select(*cohort, *counts).group_by(*cohort).order_by(one.block, one.phase, one.arm)
    return [_cohort(row) for row in connection.execute(query).mappings()]


def _answers(connection: sa.Connection, pair: tuple[str, int, int], size: int, said: bool) -> sa.Select[Any]:
    """Each answer with its cohort, its label if it has one that counts, and its place among those of its unit."""
    of = predictions.c
    old, new = (_text(connection, column) for column in (of.champion_value, of.challenger_value))
    keys = [
        (of.id // size).label("block"),
        of.phase,
        of.arm,
        sa.case((old.is_(None) | new.is_(None), None), else_=(old == new)).label("agree"),
        (_text(connection, of.answered) if said else sa.null()).label("said"),
    ]
    mine = (
        of.use_case == pair[0],
        of.champion_version == pair[1],
        of.challenger_version == pair[2],
    )
    # By its text: `labels.prediction` has no index, and each answer would look through all labels.
    counts_for = (labels.c.prediction_id == of.prediction_id) & labels.c.expired.is_(False)
    facts = [
        of.at,
        old.is_(None).label("no_champion"),
        new.is_(None).label("no_challenger"),
        of.degraded,
        labels.c.id.label("labelled"),
        sa.func.row_number().over(partition_by=of.unit_id, order_by=of.id).label("place"),
    ]
    return sa.select(*keys, *facts).outerjoin_from(predictions, labels, counts_for).where(*mine)


def _cohort(row: Any) -> Cohort:
    agree = None if row["agree"] is None else bool(row["agree"])
    said = None if row["said"] is None else str(row["said"])
    return Cohort(**{**row, "agree": agree, "said": said})


def _text(connection: sa.Connection, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """JSON as it stands in the database; PostgreSQL compares no JSON."""
    return sa.type_coerce(column, sa.Text) if connection.dialect.name == "sqlite" else sa.cast(column, sa.Text)


def _number(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[Any]:
    return sa.func.sum(sa.case((condition, 1), else_=0))
