"""Both arms scored, one of them answering."""

import logging
import math
from dataclasses import dataclass
from typing import Any

from mlops_assets.bundle.errors import InputError
from serving.errors import ModelFailedError
from serving.models import Served
from serving.routing import Arm

Value = str | int | float
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answer:
    """What one version says about one row; `probabilities` by class, None for a regression."""

    value: Value
    probabilities: dict[str, float] | None = None


@dataclass(frozen=True)
class Scored:
    """Answers of one row: `arm` is the one that counts, `degraded` when it is A in place of a failing B."""

    arm: Arm
    champion: Answer | None
    challenger: Answer | None
    degraded: bool = False

    @property
    def answer(self) -> Answer:
        """The answer that is given."""
        chosen = self.challenger if self.arm == "B" else self.champion
        if chosen is None:
            raise ModelFailedError(f"arm {self.arm} has no answer")
        return chosen


def score(
    champion: Served, challenger: Served | None, rows: list[dict[str, Any]], arms: list[Arm], paired: bool
) -> list[Scored]:
    """Each row scored by the arms that must.

    Parameters
    ----------
    arms : list of 'A' or 'B'
        Which arm each row's unit belongs to.
    paired : bool
        Both versions score every row; False: only the one that answers.

    Raises
    ------
    InputError
        The bundle's own, if a row does not fit the champion's schema.
    ModelFailedError
        If the champion must answer and fails.
    """
    by_b = _challenger_answers(challenger, rows, wanted=challenger is not None and (paired or "B" in arms))
    chosen: list[Arm] = ["B" if arm == "B" and by_b is not None else "A" for arm in arms]
    by_a = _answers(champion, rows) if paired or "A" in chosen else None
    return [
        Scored(
            arm,
            by_a[place] if by_a is not None and (paired or arm == "A") else None,
            by_b[place] if by_b is not None and (paired or arm == "B") else None,
            degraded=challenger is not None and arm != arms[place],
        )
        for place, arm in enumerate(chosen)
    ]


def _challenger_answers(challenger: Served | None, rows: list[dict[str, Any]], wanted: bool) -> list[Answer] | None:
    if challenger is None or not wanted:
        return None
    try:
        return _answers(challenger, rows)
    except Exception:
        log.exception("challenger version %d failed; the champion answers", challenger.version)
        return None


def _answers(served: Served, rows: list[dict[str, Any]]) -> list[Answer]:
    try:
        predicted = served.model.answer_rows(rows)
        values = [_plain(value) for value in predicted.values]
    except InputError:
        raise
    except Exception as error:
        raise ModelFailedError(f"version {served.version} could not answer: {error}") from error
    if len(values) != len(rows):
        raise ModelFailedError(f"version {served.version} gave {len(values)} answers to {len(rows)} rows")
    if predicted.probabilities is None or served.model.classes is None:
        return [Answer(value) for value in values]
    names = [str(_plain(name)) for name in served.model.classes]
    shares = ([float(share) for share in row] for row in predicted.probabilities)
    return [Answer(value, dict(zip(names, row, strict=True))) for value, row in zip(values, shares, strict=True)]


def _plain(value: Any) -> Value:
    """A value of plain Python; NaN and infinity are no answer."""
    plain: Value = value.item() if hasattr(value, "item") else value
    if isinstance(plain, float) and not math.isfinite(plain):
        raise ValueError(f"{plain} is no answer")
    return plain
