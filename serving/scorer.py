"""The arm that a unit belongs to answers; the champion steps in where the challenger fails."""

import logging
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from mlops_assets.bundle.errors import InputError
from serving.errors import ModelFailedError
from serving.models import Served
from serving.routing import Arm

Value = str | int | float
Row = Mapping[str, Any]
Shares = dict[str, float]
log = logging.getLogger(__name__)


class Answers(NamedTuple):
    """What one version says about rows, in their order.

    Attributes
    ----------
    shares : list of dict
        Probabilities by class; None for a regression.
    degraded : bool
        The champion answered in place of a failing challenger.
    candidates : list of list of str, or None
        The classes that stay possible for each row, most probable first; None where the version never abstains.
    """

    arm: Arm
    values: list[Value]
    shares: Sequence[Shares | None]
    degraded: bool = False
    candidates: Sequence[list[str]] | None = None


def answer(arm: Arm, champion: Served, challenger: Served | None, rows: Sequence[Row]) -> Answers:
    """Answers to rows whose units belong to one arm; without a challenger A answers all.

    Raises
    ------
    InputError
        The bundle's own, if a row does not fit the champion's schema.
    ModelFailedError
        If the champion must answer and fails.
    """
    if arm == "A" or challenger is None:
        return _answers("A", champion, rows)
    try:
        return _answers("B", challenger, rows)
    except InputError:
        log.debug("challenger version %d refuses rows; the champion is asked", challenger.version)
    except ModelFailedError as error:
        log.error("%s; the champion answers", error.detail)
    return _answers("A", champion, rows)._replace(degraded=True)


def say(served: Served, rows: Sequence[Row]) -> tuple[list[Value | None], Any]:
    """What a version says about each row in plain Python, None where that is no answer, and as the version gave it.

    Raises
    ------
    InputError
        The bundle's own, if a row does not fit the schema of this version.
    ModelFailedError
        If the model fails, or answers another number of rows.
    """
    try:
        predicted = served.model.answer_rows(rows)
    except InputError:
        raise
    except Exception as error:  # a runtime's errors share no base class; told as the model's
        raise ModelFailedError(f"version {served.version} could not answer: {error}") from error
    values = predicted.values.tolist()
    if len(values) != len(rows):
        raise ModelFailedError(f"version {served.version} gave {len(values)} answers to {len(rows)} rows")
    finite = [None if isinstance(value, float) and not math.isfinite(value) else value for value in values]
    return finite, predicted


def _answers(arm: Arm, served: Served, rows: Sequence[Row]) -> Answers:
    said, predicted = say(served, rows)
    shares = predicted.probabilities
    values = [value for value in said if value is not None]
    if len(values) < len(said):
        raise ModelFailedError(f"version {served.version} could not answer: NaN or infinity is no answer")
    if shares is None or served.model.classes is None:
        return Answers(arm, values, [None] * len(values))
    names, rows_of_shares = [str(name) for name in served.model.classes], shares.tolist()
    answers = Answers(arm, values, [dict(zip(names, row, strict=True)) for row in rows_of_shares])
    abstention = served.model.abstention
    if abstention is None:
        return answers
    compared = rows_of_shares if predicted.conformity is None else predicted.conformity.tolist()
    possible = [[names[place] for place in abstention.candidates(row)] for row in compared]
    return answers._replace(candidates=possible)
