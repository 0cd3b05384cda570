"""Rows that are asked about, to answers as they are logged and told."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from mlops_assets.bundle.errors import InputError
from mlops_assets.spec import UseCase
from resources.state.prediction_id import new_prediction_ids
from resources.state.predictions import Prediction
from serving.models import Arms, Served
from serving.router import Router
from serving.routing import Arm
from serving.scorer import Answers, Row, Shares, answer
from serving.shadow import Item

UNIT_CHARACTERS = 256


class Given(NamedTuple):
    """One answer as it is logged and told.

    `probabilities` are by class, None for a regression; `other` is the version that should score the row beside, if
    one should.
    """

    record: Prediction
    probabilities: Shares | None
    other: Served | None


class Asked(NamedTuple):
    """One row that waits for its answer; `asked_by` is the id of the caller's key."""

    id: str
    unit: str
    row: Row
    asked_by: str | None


def ask(use_case: UseCase, rows: Sequence[Row], unit_id: str | None, asked_by: str | None) -> list[Asked]:
    """Rows with ids of their own, and the unit each is about: the one that is named, else that of the unit column."""
    ids, column = new_prediction_ids(len(rows)), use_case.unit
    return [Asked(one, unit_id or _unit(row, column, one), row, asked_by) for one, row in zip(ids, rows, strict=True)]


def answer_all(router: Router, use_case: UseCase, asked: Sequence[Asked], chosen: Sequence[Arm]) -> list[Given]:
    """One answer to each row, by the arm chosen for it, in order; not logged yet.

    Raises
    ------
    InputError, ModelFailedError, NotReadyError
        If a row does not fit, the champion fails, or there is none.
    """
    champion, arms = router.arms(use_case)
    moment = router.splits.of(use_case.name).phase, router.clock()
    found: dict[int, Given] = {}
    for arm, places in _by_arm(chosen).items():
        mine = [asked[place] for place in places]
        try:
            said = answer(arm, champion, arms.challenger, [one.row for one in mine])
        except InputError as error:
            raise InputError(places[error.row], error.column, error.problem) from error
        found |= zip(places, _given(use_case, arms, mine, said, moment), strict=True)
    return [found[place] for place in range(len(asked))]


def score_beside(router: Router, given: Sequence[Given]) -> None:
    """Have what the version that did not answer says scored soon, off the path of the requests."""
    items = [
        Item(record.prediction_id, other, "champion" if record.arm == "B" else "challenger", record.features)
        for record, _, other in given
        if other is not None
    ]
    if items:
        router.shadow.put(items)


def _given(
    use_case: UseCase, arms: Arms, asked: Sequence[Asked], said: Answers, moment: tuple[int, datetime]
) -> list[Given]:
    by_b, degraded = said.arm == "B", arms.degraded or said.degraded
    versions = [one.version if one is not None else None for one in (arms.champion, arms.challenger)]
    paired = use_case.routing.paired and not said.degraded
    other = (arms.champion if by_b else arms.challenger) if paired else None
    given = []
    for one, value, shares in zip(asked, said.values, said.shares, strict=True):
        scored = (None, value, value) if by_b else (value, None, value)
        fields = (one.id, use_case.name, one.unit, said.arm, *versions, *scored, one.row, *moment, degraded)
        given.append(Given(Prediction._make((*fields, one.asked_by)), shares, other))
    return given


def _by_arm(chosen: Sequence[Arm]) -> dict[Arm, list[int]]:
    """Positions of the rows that each arm answers."""
    places: dict[Arm, list[int]] = {}
    for place, arm in enumerate(chosen):
        places.setdefault(arm, []).append(place)
    return places


def _unit(row: Row, column: str | None, prediction_id: str) -> str:
    """Who is predicted for, where the request does not say: the use case's unit column, else this row alone."""
    named = row.get(column) if column is not None else None
    return prediction_id if named is None else str(named).replace("\x00", "")[:UNIT_CHARACTERS]
