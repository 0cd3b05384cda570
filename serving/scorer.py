"""The arm that a unit belongs to answers; the champion steps in where the challenger fails."""

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlops_assets.bundle.errors import InputError
from serving.errors import ModelFailedError
from serving.models import Served
from serving.routing import Arm

Value = str | int | float
Row = Mapping[str, Any]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one version says about one row.

    Attributes
    ----------
    probabilities : dict or None
        By class; None for a regression.
    degraded : bool
        The champion answered in place of a failing challenger.
    """

    arm: Arm
    served: Served
    value: Value
    probabilities: dict[str, float] | None
    degraded: bool


def answer(champion: Served, challenger: Served | None, rows: Sequence[Row], arms: Sequence[Arm]) -> list[Answer]:
    """One answer to each row, by the arm its unit belongs to.

    Raises
    ------
    InputError
        The bundle's own, if a row does not fit the champion's schema.
    ModelFailedError
        If the champion must answer and fails.
    """
    if challenger is None or "B" not in arms:
        return _answers("A", champion, rows)
    if "A" not in arms:
        return _by_challenger(champion, challenger, rows)
    found: dict[int, Answer] = {}
    for arm in ("A", "B"):
        places = [place for place, one in enumerate(arms) if one == arm]
        mine = [rows[place] for place in places]
        given = _answers("A", champion, mine) if arm == "A" else _by_challenger(champion, challenger, mine)
        found |= dict(zip(places, given, strict=True))
    return [found[place] for place in range(len(rows))]


def plain_values(served: Served, rows: Sequence[Row]) -> tuple[list[Value], list[list[float]] | None]:
    """Values and probabilities of rows, in plain Python.

    Raises
    ------
    InputError
        The bundle's own, if a row does not fit the schema of this version.
    ModelFailedError
        If the model fails, answers another number of rows, or with something that is no answer.
    """
    try:
        predicted = served.model.answer_rows(rows)
        values: list[Value] = predicted.values.tolist()
    except InputError:
        raise
    except Exception as error:
        raise ModelFailedError(f"version {served.version} could not answer: {error}") from error
    if len(values) != len(rows):
        raise ModelFailedError(f"version {served.version} gave {len(values)} answers to {len(rows)} rows")
    for value in values:
        if isinstance(value, float) and not math.isfinite(value):
            raise ModelFailedError(f"version {served.version} could not answer: {value} is no answer")
    return values, None if predicted.probabilities is None else predicted.probabilities.tolist()


def _by_challenger(champion: Served, challenger: Served, rows: Sequence[Row]) -> list[Answer]:
    try:
        return _answers("B", challenger, rows)
    except InputError:
        log.debug("challenger version %d refuses rows; the champion is asked", challenger.version)
    except ModelFailedError as error:
        log.error("%s; the champion answers", error.detail)
    return _answers("A", champion, rows, degraded=True)


def _answers(arm: Arm, served: Served, rows: Sequence[Row], degraded: bool = False) -> list[Answer]:
    values, shares = plain_values(served, rows)
    classes = served.model.classes
    if shares is None or classes is None:
        return [Answer(arm, served, value, None, degraded) for value in values]
    names = [str(name) for name in classes]
    return [
        Answer(arm, served, value, dict(zip(names, row, strict=True)), degraded)
        for value, row in zip(values, shares, strict=True)
    ]
