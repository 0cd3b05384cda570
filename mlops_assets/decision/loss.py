"""What one wrong answer costs: the losses of a decision, one a row."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlops_assets.spec import Decision


def answer_losses(
    answers: ArrayLike, truth: ArrayLike, decision: Decision, shares: ArrayLike | None = None
) -> NDArray[np.float64]:
    """Loss of each answer, in [0, loss_max].

    Parameters
    ----------
    answers, truth : shape (n_samples,), labels or numbers
    shares : shape (n_samples,), the probability that was given to the truth; needed for log_loss alone

    Notes
    -----
    zero_one 1[y != a]; log_loss -log(share of y); absolute |y - a|; squared (y - a)^2; quantile at level q
    max(q (y - a), (q - 1) (y - a)) (Koenker & Bassett, Econometrica 46, 1978).

    Raises
    ------
    ValueError
        If lengths differ, or log_loss comes without shares.

    Examples
    --------
    >>> answer_losses([1.0, 9.0], [3.0, 2.0], Decision(loss="absolute", loss_max=5))
    array([2., 5.])
    """
    given, true = np.asarray(answers), np.asarray(truth)
    if len(given) != len(true):
        raise ValueError(f"{len(given)} answers beside {len(true)} truths; one truth an answer is due")
    if decision.loss == "log_loss":
        raw = _surprise(shares, len(true))
    elif decision.loss == "zero_one":
        raw = np.asarray(given != true, dtype=np.float64)
    else:
        raw = _of_error(true.astype(np.float64) - given.astype(np.float64), decision)
    return np.minimum(raw, decision.loss_max)


def predicted_losses(
    values: ArrayLike, probabilities: ArrayLike | None, classes: ArrayLike | None, truth: ArrayLike, decision: Decision
) -> NDArray[np.float64]:
    """Loss of each of a model's answers, its probabilities used where the loss needs them; see `answer_losses`."""
    shares = None
    if probabilities is not None and classes is not None:
        shares = truth_shares(probabilities, classes, truth)
    return answer_losses(values, truth, decision, shares)


def truth_shares(probabilities: ArrayLike, classes: ArrayLike, truth: ArrayLike) -> NDArray[np.float64]:
    """The probability that was given to the truth of each row, 0 where the truth is no class of the model.

    Parameters
    ----------
    probabilities : shape (n_samples, n_classes)
    classes : shape (n_classes,)
    truth : shape (n_samples,)

    Examples
    --------
    >>> truth_shares([[0.2, 0.8], [0.7, 0.3]], ["no", "yes"], ["yes", "maybe"])
    array([0.8, 0. ])
    """
    hit = np.asarray(truth)[:, None] == np.asarray(classes)[None, :]
    shares: NDArray[np.float64] = np.where(hit, np.asarray(probabilities, dtype=np.float64), 0.0).sum(axis=1)
    return shares


def _surprise(shares: ArrayLike | None, n: int) -> NDArray[np.float64]:
    if shares is None or len(np.asarray(shares)) != n:
        raise ValueError("decision.loss 'log_loss' needs the probability that each answer gave to the truth")
    with np.errstate(divide="ignore"):  # no share at all costs loss_max
        raw: NDArray[np.float64] = -np.log(np.asarray(shares, dtype=np.float64))
    return np.maximum(raw, 0.0)  # a share of 1.0000001 is rounding


def _of_error(error: NDArray[np.float64], decision: Decision) -> NDArray[np.float64]:
    """Loss of truth minus answer."""
    if decision.loss == "quantile":
        return np.maximum(decision.level * error, (decision.level - 1.0) * error)
    return np.abs(error) if decision.loss == "absolute" else error**2
