"""How unsure a cheap model's answer is, and from where on a costly one is asked."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from mlops_assets.spec import Value

BINS = 20
SHARES = tuple(step / 20 for step in range(20, 0, -1))  # finer ones differ by less than the rows held out can tell
BIN_ROWS_MIN = 15  # fewer errors than that have no mean worth the name

Floats = NDArray[np.float64]


class Gate(Value):
    """Asks about an answer where it is at least as unsure as `threshold`.

    Attributes
    ----------
    answers, errors : tuple[float, ...]
        Of a regression: the expected absolute error (target's unit) of the cheap model where it answers so, linear in
        between and constant beyond. Empty for a classification.
    threshold : float or None
        None: nothing is asked.
    share : float
        Of the costly answer in that about a row asked; the rest is the cheap one's, which errs otherwise.
    """

    answers: tuple[float, ...] = ()
    errors: tuple[float, ...] = ()
    threshold: float | None = None
    share: float = Field(1.0, gt=0, le=1)

    def unsure(self, outputs: Floats) -> Floats:
        """Expected absolute error of each number, or one less the largest probability, shape (n_samples,).

        Parameters
        ----------
        outputs : ndarray of shape (n_samples, k)
            Numbers in one column, or probabilities.
        """
        if not self.answers:
            return np.asarray(1.0 - outputs.max(axis=1), dtype=np.float64)
        return np.asarray(np.interp(outputs[:, 0], self.answers, self.errors), dtype=np.float64)

    def asks(self, outputs: Floats) -> NDArray[np.bool_]:
        """Which rows the costly model is asked about, shape (n_samples,)."""
        if self.threshold is None:
            return np.zeros(len(outputs), dtype=np.bool_)
        return np.asarray(self.unsure(outputs) >= self.threshold)

    def mixed(self, cheap: Floats, costly: Floats) -> Floats:
        """The answers about rows asked: numbers, or probabilities, of shape (n_samples, k) as both."""
        return self.share * costly + (1 - self.share) * cheap


def learn_errors(answers: Floats, errors: Floats) -> Gate:
    """The gate of a regression, without a threshold: mean answer and mean absolute error in bins of equally many rows.

    Parameters
    ----------
    answers, errors : ndarray of shape (n_samples,)
        Of rows that the cheap model was not fitted on.
    """
    order = np.argsort(answers, kind="stable")
    bins = max(1, min(BINS, len(order) // BIN_ROWS_MIN))
    parts = np.array_split(order, bins)
    middles = [float(np.mean(answers[part])) for part in parts]
    means = [float(np.mean(errors[part])) for part in parts]
    return Gate(answers=tuple(middles), errors=tuple(means))


def choose_share(gate: Gate, cheap: Floats, costly: Floats, loss: Callable[[Floats], Floats]) -> Gate:
    """The gate with the share of the costly answer whose mean loss is smallest; of equal ones the largest share.

    Parameters
    ----------
    cheap, costly : ndarray of shape (n_samples, k)
        Answers of both models to rows that neither was fitted on.
    loss : callable
        Answers -> loss of each row.
    """
    gates = [gate.model_copy(update={"share": share}) for share in SHARES]
    return min(gates, key=lambda one: float(np.mean(loss(one.mixed(cheap, costly)))))


def choose_threshold(unsure: Floats, gains: Floats, wanted: float) -> tuple[float | None, float]:
    """The largest threshold whose rows asked gain `wanted` together, and the share of rows asked.

    Parameters
    ----------
    unsure : ndarray of shape (n_samples,)
    gains : ndarray of shape (n_samples,)
        Loss of the cheap answer less that of the answer after asking, on rows that neither model was fitted on.
    wanted : float
        Of the sum of `gains`; all rows are asked where it is more.

    Returns
    -------
    threshold : float or None
        None where nothing is to be gained on these rows.
    share : float
        Of these rows, asked.
    """
    if wanted <= 0:
        return None, 0.0
    levels = np.unique(unsure)[::-1]  # rows that are equally unsure are asked together
    gained = np.array([gains[unsure >= level].sum() for level in levels])
    enough = np.flatnonzero(gained >= wanted)
    threshold = float(levels[enough[0] if len(enough) else -1])
    return threshold, float(np.mean(unsure >= threshold))


def row_losses(outputs: Floats, y: NDArray[Any], metric: str, classes: NDArray[Any] | None) -> Floats:
    """Loss of each row: absolute or squared error as the metric has it, for classes the log loss."""
    if classes is None:
        gap = np.abs(outputs[:, 0] - np.asarray(y, dtype=np.float64))
        return np.asarray(gap if metric == "mae" else gap**2)
    given = outputs[np.arange(len(y)), np.searchsorted(classes, y)]
    return np.asarray(-np.log(np.maximum(given, math.ulp(1.0))))
