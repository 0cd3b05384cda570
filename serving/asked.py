"""Rows that are asked about, to answers as they are logged and told."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from mlops_assets.bundle.errors import InputError
from mlops_assets.spec import UseCase
from resources.state.prediction import Prediction
from resources.state.prediction_id import new_prediction_ids
from serving.models import Arms, Served
from serving.router import Router
from serving.routing import Arm
from serving.scorer import Answers, Row, Shares, answer
from serving.shadow import Item

UNIT_CHARACTERS = 256


class Given(NamedTuple):
    """One answer as it is logged and told.

    `probabilities` are by class, None for a regression; `other` is the version that should score the row beside, if
    one should; `candidates` are the classes that stay possible, None where the version never abstains.
    """

    record: Prediction
    probabilities: Shares | None
    other: Served | None
    candidates: list[str] | None = None


class Asked(NamedTuple):
    """One row that waits for its answer; `asked_by` is the id of the caller's key, `phase` that of the split it met."""

    id: str
    unit: str
    row: Row
    asked_by: str | None
    phase: int


def ask(use_case: UseCase, rows: Sequence[Row], unit_id: str | None, asked_by: str | None, phase: int) -> list[Asked]:
    """Rows with ids of their own, and the unit each is about: the one that is named, else that of the unit column."""
    ids, column = new_prediction_ids(len(rows)), use_case.unit
    return [
        Asked(one, unit_id or _unit(row, column, one), row, asked_by, phase) for one, row in zip(ids, rows, strict=True)
    ]


def answer_all(router: Router, use_case: UseCase, asked: Sequence[Asked], chosen: Sequence[Arm]) -> list[Given]:
    """One answer to each row, by the arm chosen for it, in order; not logged yet.

    Raises
    ------
    InputError, ModelFailedError, NotReadyError
        If a row does not fit, the champion fails, or there is none.
    """
    champion, arms = router.arms(use_case)
    moment = router.clock()
    given: dict[Arm, Iterator[Given]] = {}
    for arm in dict.fromkeys(chosen):
        mine = [one for one, its in zip(asked, chosen, strict=True) if its == arm]
        try:
            said = answer(arm, champion, arms.challenger, [one.row for one in mine])
        except InputError as error:
            raise InputError(asked.index(mine[error.row]), error.column, error.problem) from error
        given[arm] = iter(_given(use_case, arms, mine, said, moment))
    return [next(given[arm]) for arm in chosen]


def score_beside(router: Router, given: Sequence[Given]) -> None:
    """Have what the version that did not answer says scored soon, off the path of the requests."""
    items = [
        Item(record.prediction_id, other, "champion" if record.arm == "B" else "challenger", record.features)
        for record, _, other, _ in given
        if other is not None
    ]
    if items:
        router.shadow.put(items)


def _given(use_case: UseCase, arms: Arms, asked: Sequence[Asked], said: Answers, moment: datetime) -> list[Given]:
    by_b, degraded = said.arm == "B", arms.degraded or said.degraded
    name, arm, old, new = use_case.name, said.arm, arms.champion, arms.challenger
    versions = old.version if old is not None else 0, new.version if new is not None else None
    other = (old if by_b else new) if use_case.routing.paired and not said.degraded else None
    given = []
    candidates = said.candidates if said.candidates is not None else [None] * len(asked)
    for one, value, shares, possible in zip(asked, said.values, said.shares, candidates, strict=True):
        scored = (None, value, value) if by_b else (value, None, value)
        abstained = None if possible is None else possible != [str(value)]
        when = one.phase, moment  # the split may have been changed since it chose the arm
        fields = (one.id, name, one.unit, arm, *versions, *scored, one.row, *when, degraded, one.asked_by, abstained)
        given.append(Given(Prediction(*fields), shares, other, possible))
    return given


def _unit(row: Row, column: str | None, prediction_id: str) -> str:
    """Who is predicted for, where the request does not say: the use case's unit column, else this row alone."""
    named = row.get(column) if column is not None else None
    return prediction_id if named is None else str(named).replace("\x00", "")[:UNIT_CHARACTERS]
