"""A new model beside the champion on rows that neither was fitted on."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops_assets.spec import UseCase
from mlops_assets.training.evaluation import Difference, Gate, compare, gate
from mlops_assets.training.features import BATCH

ROWS_MIN = 20  # fewer held-out rows of one kind say nothing, and are left out of the gate


@dataclass(frozen=True)
class Assessment:
    """What held-out rows say: the new model's losses, its difference from the champion, and whether it may register.

    `old` is about batches that the champion was trained on, `new` about batches that came after, `overall` about all;
    positive = the new model is better. None where there is no champion or there are too few rows.
    """

    losses: NDArray[np.float64]
    overall: Difference | None
    old: Difference | None
    new: Difference | None
    gate: Gate

    def to_dict(self) -> dict[str, Any]:
        """Plain values, without the losses."""
        differences = {"overall": self.overall, "old": self.old, "new": self.new}
        return {
            **{name: None if found is None else asdict(found) for name, found in differences.items()},
            "passed": self.gate.passed,
            "reason": self.gate.reason,
        }


def assess(
    holdout: pd.DataFrame,
    mine: NDArray[np.float64],
    theirs: NDArray[np.float64] | None,
    champion_batches: frozenset[str],
    use_case: UseCase,
) -> Assessment:
    """The new model's losses judged beside the champion's.

    Parameters
    ----------
    holdout : DataFrame of shape (n_samples, any)
        Held-out rows with the column `_batch`.
    mine : ndarray of shape (n_samples,)
        Losses of the new model.
    theirs : ndarray of shape (n_samples,) or None
        Losses of the champion; None where there is none.
    champion_batches : frozenset of str
        Keys of the batches that the champion was trained on.
    """
    if theirs is None:
        return Assessment(mine, None, None, None, gate(None, None, use_case.training.worse_by_max))
    known = holdout[BATCH].isin(champion_batches).to_numpy()
    old, new = _difference(theirs, mine, known), _difference(theirs, mine, ~known)
    overall = _difference(theirs, mine, np.ones(len(mine), dtype=bool))
    return Assessment(mine, overall, old, new, gate(old, new, use_case.training.worse_by_max))


def _difference(
    champion: NDArray[np.float64], challenger: NDArray[np.float64], rows: NDArray[np.bool_]
) -> Difference | None:
    if rows.sum() < ROWS_MIN:
        return None
    return compare(champion[rows], challenger[rows])
