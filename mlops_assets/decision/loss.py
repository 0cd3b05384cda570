"""What one wrong answer costs: the losses of a decision, one a row."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlops_assets.spec import Decision


def answer_losses(answers: ArrayLike, truth: ArrayLike, decision: Decision) -> NDArray[np.float64]:
    """Loss of each answer, in [0, loss_max].

    Parameters
    ----------
    answers, truth : shape (n_samples,), labels or numbers

    Raises
    ------
    ValueError
        If the two differ in length.

    Examples
    --------
    >>> answer_losses([1.0, 9.0], [3.0, 2.0], Decision(loss="absolute", loss_max=5))
    array([2., 5.])
    """
    given, true = np.asarray(answers), np.asarray(truth)
    if len(given) != len(true):
        raise ValueError(f"{len(given)} answers beside {len(true)} truths; one truth an answer is due")
    if decision.loss == "zero_one":
        raw = np.asarray(given != true, dtype=np.float64)
    else:
        error = given.astype(np.float64) - true.astype(np.float64)
        raw = np.abs(error) if decision.loss == "absolute" else error**2
    return np.minimum(raw, decision.loss_max)
