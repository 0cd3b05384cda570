"""Rows that are asked about, to answers as they are logged and told."""

from collections.abc import Sequence
from typing import NamedTuple

from mlops_assets.spec import UseCase
from resources.state.prediction_id import new_prediction_id
from resources.state.predictions import Prediction
from serving.models import Served
from serving.router import Router
from serving.routing import Arm
from serving.scorer import Answer, Row, answer
from serving.shadow import Item

UNIT_CHARACTERS = 256


class Given(NamedTuple):
    """One answer as it is logged and told; `other` is the version that should score the row beside, if one should."""

    record: Prediction
    answer: Answer
    other: Served | None


class Asked(NamedTuple):
    """One row that waits for its answer; `asked_by` is the id of the caller's key."""

    id: str
    unit: str
    row: Row
    asked_by: str | None


def ask(use_case: UseCase, row: Row, unit_id: str | None, asked_by: str | None) -> Asked:
    """A row with an id of its own, and the unit it is about: the one that is named, else that of the unit column."""
    prediction_id = new_prediction_id()
    return Asked(prediction_id, unit_id or _unit(use_case, row, prediction_id), row, asked_by)


def answer_all(router: Router, use_case: UseCase, asked: Sequence[Asked], chosen: Sequence[Arm]) -> list[Given]:
    """One answer to each row, by the arm chosen for it, in order; not logged yet.

    Raises
    ------
    InputError, ModelFailedError, NotReadyError
        If a row does not fit, the champion fails, or there is none.
    """
    champion, arms = router.arms(use_case)
    challenger, phase, at = arms.challenger, router.splits.of(use_case.name).phase, router.clock()
    answers = answer(champion, challenger, [one.row for one in asked], chosen)
    paired = use_case.routing.paired and challenger is not None
    given = []
    for one, said in zip(asked, answers, strict=True):
        by_b = said.arm == "B"
        record = Prediction(
            prediction_id=one.id,
            use_case=use_case.name,
            unit_id=one.unit,
            arm=said.arm,
            champion_version=champion.version,
            challenger_version=challenger.version if challenger is not None else None,
            champion_value=None if by_b else said.value,
            challenger_value=said.value if by_b else None,
            answered=said.value,
            features=dict(one.row),
            phase=phase,
            at=at,
            degraded=arms.degraded or said.degraded,
            asked_by=one.asked_by,
        )
        other = (champion if by_b else challenger) if paired and not said.degraded else None
        given.append(Given(record, said, other))
    return given


def score_beside(router: Router, given: Sequence[Given]) -> None:
    """Have what the version that did not answer says scored soon, off the path of the requests."""
    items = [
        Item(
            one.record.prediction_id,
            one.other,
            "champion" if one.answer.arm == "B" else "challenger",
            one.record.features,
        )
        for one in given
        if one.other is not None
    ]
    if items:
        router.shadow.put(items)


def _unit(use_case: UseCase, row: Row, prediction_id: str) -> str:
    """Who is predicted for, where the request does not say: the use case's unit column, else this row alone."""
    named = row.get(use_case.unit) if use_case.unit is not None else None
    return prediction_id if named is None else str(named).replace("\x00", "")[:UNIT_CHARACTERS]
