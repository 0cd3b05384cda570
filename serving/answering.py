"""Rows of a request to answers that are in the log: choose the unit's arm, score, log, count."""

import time
from collections.abc import Sequence

from mlops_assets.bundle.errors import InputError
from mlops_assets.spec import UseCase
from serving import metrics
from serving.asked import Given, answer_all, ask, score_beside
from serving.desk import Desk
from serving.errors import ModelFailedError, RefusedInputError
from serving.router import Router
from serving.routing import Arm, choose_arms
from serving.scorer import Row


def give_answers(
    router: Router, use_case: UseCase, rows: Sequence[Row], unit_id: str | None, asked_by: str | None
) -> list[Given]:
    """One answer to each row, in order; when they are returned, they are in the log.

    Parameters
    ----------
    unit_id : str or None
        Who or what all rows are about, where the request says so.
    asked_by : str or None
        Id of the caller's key.

    Raises
    ------
    RefusedInputError, ModelFailedError, NotReadyError
        If a row does not fit, the champion fails, or there is none, or the log cannot be written.
    """
    began, routing = time.perf_counter(), router.splits.of(use_case.name)
    asked = ask(use_case, rows, unit_id, asked_by, routing.phase)
    arms = choose_arms({one.unit for one in asked}, routing.salt, routing.split_b)
    chosen = [arms[one.unit] for one in asked]
    try:
        if len(asked) == 1:
            given = [_desk(router, use_case, chosen[0]).answer(asked[0])]
        else:
            given = answer_all(router, use_case, asked, chosen)
            router.log.append([one.record for one in given])
            score_beside(router, given)
    except InputError as error:
        known = error.column in use_case.columns  # callers choose the other names, and each would be a series
        metrics.refused(use_case.name, f"input:{error.column}" if known else "input")
        raise RefusedInputError(
            f"{use_case.name}: {error}", [{"field": error.column, "problem": str(error)}]
        ) from error
    except ModelFailedError:
        metrics.refused(use_case.name, "model_failed")
        raise
    _count(use_case.name, given, time.perf_counter() - began)
    return given


def _desk(router: Router, use_case: UseCase, arm: Arm) -> Desk:
    key = use_case.name, arm
    return router.desks.get(key) or router.desks.setdefault(key, Desk(router, use_case, arm))


def _count(name: str, given: list[Given], seconds: float) -> None:
    for arm in ("A", "B"):
        mine = [one for one in given if one.record.arm == arm]
        if mine:
            values, first = [one.record.answered for one in mine], mine[0].record
            abstained = sum(one.record.abstained is True for one in mine)
            sure = [max(one.probabilities.values()) for one in mine if one.probabilities]
            metrics.answered(name, arm, first.version, seconds, values, first.degraded, abstained, sure)
