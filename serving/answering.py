"""Rows of a request to answers that are in the log: assign the unit to an arm, score, log, count."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mlops_assets.bundle.errors import InputError
from mlops_assets.spec import UseCase
from resources.state.prediction_id import new_prediction_id
from resources.state.predictions import Prediction
from resources.state.routing import Routing
from serving import metrics
from serving.errors import ModelFailedError, RefusedInputError
from serving.models import Arms, Served
from serving.router import Router
from serving.routing import choose_arm
from serving.scorer import Answer, Row, answer
from serving.shadow import Item

UNIT_CHARACTERS = 256


@dataclass(frozen=True, slots=True)
class Given:
    """One answer as it is logged and told."""

    record: Prediction
    answer: Answer


def give_answers(
    router: Router, use_case: UseCase, rows: Sequence[Row], unit_id: str | None, asked_by: str | None
) -> list[Given]:
    """One answer to each row, in order; when they are returned, they are in the log.

    Raises
    ------
    RefusedInputError, ModelFailedError, NotReadyError
        If a row does not fit, the champion fails, or there is none, or the log cannot be written.
    """
    began = time.perf_counter()
    (champion, arms), routing = router.arms(use_case), router.splits.of(use_case.name)
    ids = [new_prediction_id() for _ in rows]
    units = [unit_id or _unit(use_case, *one) for one in zip(rows, ids, strict=True)]
    chosen = [choose_arm(unit, routing.salt, routing.split_b) for unit in units]
    try:
        answers = answer(champion, arms.challenger, rows, chosen)
    except InputError as error:
        known = error.column in use_case.columns  # callers choose the other names, and each would be a series
        metrics.refused(use_case.name, f"input:{error.column}" if known else "input")
        raise RefusedInputError(
            f"{use_case.name}: {error}", [{"field": error.column, "problem": str(error)}]
        ) from error
    except ModelFailedError:
        metrics.refused(use_case.name, "model_failed")
        raise
    at = router.clock()
    given = [
        Given(_record(use_case, champion, arms, routing, at, asked_by, *one), one[-1])
        for one in zip(ids, units, rows, answers, strict=True)
    ]
    router.log.append([one.record for one in given])
    _count(use_case.name, given, time.perf_counter() - began)
    if use_case.routing.paired and arms.challenger is not None:
        router.shadow.put([_unanswered(one, champion, arms.challenger) for one in given if not one.answer.degraded])
    return given


def _unit(use_case: UseCase, row: Row, prediction_id: str) -> str:
    """Who is predicted for, where the request does not say: the use case's unit column, else this row alone."""
    named = row.get(use_case.unit) if use_case.unit is not None else None
    return prediction_id if named is None else str(named).replace("\x00", "")[:UNIT_CHARACTERS]


def _record(
    use_case: UseCase,
    champion: Served,
    arms: Arms,
    routing: Routing,
    at: Any,
    asked_by: str | None,
    prediction_id: str,
    unit: str,
    row: Row,
    one: Answer,
) -> Prediction:
    by_b = one.arm == "B"
    return Prediction(
        prediction_id=prediction_id,
        use_case=use_case.name,
        unit_id=unit,
        arm=one.arm,
        champion_version=champion.version,
        challenger_version=arms.challenger.version if arms.challenger else None,
        champion_value=None if by_b else one.value,
        challenger_value=one.value if by_b else None,
        answered=one.value,
        features=dict(row),
        phase=routing.phase,
        at=at,
        degraded=arms.degraded or one.degraded,
        asked_by=asked_by,
    )


def _unanswered(one: Given, champion: Served, challenger: Served) -> Item:
    """The version that did not answer, to score the row off the request's path."""
    if one.record.arm == "B":
        return Item(one.record.prediction_id, champion, "champion", one.record.features)
    return Item(one.record.prediction_id, challenger, "challenger", one.record.features)


def _count(name: str, given: list[Given], seconds: float) -> None:
    for arm in ("A", "B"):
        mine = [one for one in given if one.record.arm == arm]
        if mine:
            degraded = mine[0].record.degraded
            version = mine[0].answer.served.version
            metrics.answered(name, arm, version, seconds, [one.answer.value for one in mine], degraded)
