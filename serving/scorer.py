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
log = logging.getLogger(__name__)


class Answer(NamedTuple):
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


def say(served: Served, rows: Sequence[Row]) -> tuple[list[Value | None], Any]:
    """What a version says about each row in plain Python, None where that is no answer, and its probabilities.

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
    except Exception as error:
        raise ModelFailedError(f"version {served.version} could not answer: {error}") from error
    values = predicted.values.tolist()
    if len(values) != len(rows):
        raise ModelFailedError(f"version {served.version} gave {len(values)} answers to {len(rows)} rows")
    return [None if _is_nothing(value) else value for value in values], predicted.probabilities


def _is_nothing(value: Any) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def _by_challenger(champion: Served, challenger: Served, rows: Sequence[Row]) -> list[Answer]:
    try:
        return _answers("B", challenger, rows)
    except InputError:
        log.debug("challenger version %d refuses rows; the champion is asked", challenger.version)
    except ModelFailedError as error:
        log.error("%s; the champion answers", error.detail)
    return _answers("A", champion, rows, degraded=True)


def _answers(arm: Arm, served: Served, rows: Sequence[Row], degraded: bool = False) -> list[Answer]:
    values, shares = say(served, rows)
    if None in values:
        raise ModelFailedError(f"version {served.version} could not answer: NaN or infinity is no answer")
    classes = served.model.classes
    if shares is None or classes is None:
        return [Answer(arm, served, value, None, degraded) for value in values if value is not None]
    names = [str(name) for name in classes]
    return [
        Answer(arm, served, value, dict(zip(names, row, strict=True)), degraded)
        for value, row in zip(values, shares.tolist(), strict=True)
        if value is not None
    ]
