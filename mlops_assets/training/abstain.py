"""When a fitted classifier abstains: calibrated on rows it was not fitted on, as many as there are."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops_assets.bundle.abstention import Abstention, calibrate
from mlops_assets.spec import UseCase
from mlops_assets.training.folds import make_folds
from mlops_assets.training.out_of_fold import out_of_fold

# Held-out rows that need no company: the promise is then kept to within 1 / (100 + 1), a point.
ENOUGH = 100


def learn_abstention(
    pipeline: Any,
    learned: tuple[pd.DataFrame, NDArray[Any], NDArray[Any] | None],
    held_out: tuple[NDArray[Any], NDArray[Any]],
    use_case: UseCase,
    progress: Callable[[str], None],
) -> Abstention | None:
    """The limit that `training.abstain_error` asks for, None where the use case asks for none.

    Parameters
    ----------
    pipeline
        Fitted on `learned`.
    learned : X, y and groups (or None) of the rows it was fitted on
    held_out : probabilities and true labels of the rows it was not

    Notes
    -----
    Fewer than ENOUGH held-out rows are joined by the rows it was fitted on, each with what the fit of the other folds
    says (cross-conformal prediction: Vovk, Annals of Mathematics and Artificial Intelligence 74, 2015; Barber, Candes,
    Ramdas, Tibshirani, Annals of Statistics 49, 2021, prove 1 - 2 error for the related CV+). Those fits saw fewer rows
    than the model, so that the limit errs on the side of abstaining.
    """
    error = use_case.training.abstain_error
    if error is None:
        return None
    X, y, groups = learned
    probabilities, truth = held_out
    if len(truth) < ENOUGH:
        progress(
            f"{len(truth)} held-out rows are few to calibrate on; fitting each fold again, {len(y)} rows join them"
        )
        mine = out_of_fold(pipeline, X, y, make_folds(y, use_case.task, use_case.training, groups))
        scored = np.isfinite(mine).all(axis=1)
        probabilities = np.concatenate([probabilities, mine[scored]])
        truth = np.concatenate([truth, y[scored]])
    found = calibrate(probabilities, pipeline.classes_, truth, error)
    progress(_sentence(found, probabilities))
    return found


def _sentence(found: Abstention, probabilities: NDArray[Any]) -> str:
    if found.least == 0:
        return (
            f"abstains from all: {found.rows} rows are too few to promise an error of {found.error:g}, or it errs more"
        )
    share = float(found.abstains(probabilities).mean())
    return f"abstains from {share:.0%} of {found.rows} rows: those where not one class alone has p >= {found.least:.3f}"
