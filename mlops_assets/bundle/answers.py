"""What a model answers, and when two answers count as the same."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

TOLERANCE = 1e-4  # float32 graph against float64 pipeline; measured differences stay below 1e-5
FEW = 8  # rows for which plain Python is faster, and keeps the processor


@dataclass(frozen=True)
class Predictions:
    """Answers for n rows.

    Attributes
    ----------
    values : ndarray of shape (n_samples,)
        Labels or numbers.
    probabilities : ndarray of shape (n_samples, n_classes) or None
        In the order of the bundle's classes; None for a regression.
    conformity : ndarray of shape (n_samples, n_classes) or None
        What abstaining goes by; None where that is the probabilities.
    """

    values: NDArray[Any]
    probabilities: NDArray[np.float64] | None
    conformity: NDArray[np.float64] | None = None


def from_probabilities(probabilities: NDArray[Any], classes: NDArray[Any]) -> Predictions:
    """The most probable label of each row."""
    if len(probabilities) <= FEW:
        shares = probabilities.tolist()
        return Predictions(classes[[row.index(max(row)) for row in shares]], np.array(shares, dtype=np.float64))
    return Predictions(classes[np.argmax(probabilities, axis=1)], np.asarray(probabilities, dtype=np.float64))


def difference(first: Predictions, second: Predictions, tolerance: float = TOLERANCE) -> str:
    """How two answers to the same rows differ beyond the tolerance, in words; empty when they do not.

    A label may change where more than TOLERANCE is allowed: probabilities tell then.
    """
    if first.probabilities is not None and second.probabilities is not None:
        if first.probabilities.shape != second.probabilities.shape:
            return f"probabilities have shape {first.probabilities.shape} and {second.probabilities.shape}"
        changed = int((first.values != second.values).sum())
        if changed and tolerance <= TOLERANCE:
            return f"{changed} of {len(first.values)} labels differ"
        gap, what = np.abs(first.probabilities - second.probabilities), "probabilities"
    else:
        if first.values.shape != second.values.shape:
            return f"answers have shape {first.values.shape} and {second.values.shape}"
        gap, what = np.abs(first.values - second.values) / np.maximum(1.0, np.abs(first.values)), "numbers"
    largest = float(np.max(gap, initial=0.0))
    return "" if largest <= tolerance else f"{what} differ by up to {largest:.2g}, allowed is {tolerance:.2g}"


def unsound(predictions: Predictions, rows: int) -> str:
    """What makes answers to `rows` rows useless, whatever was expected of them; empty when nothing does."""
    numbers = predictions.values if predictions.probabilities is None else predictions.probabilities
    if len(predictions.values) != rows or len(numbers) != rows:
        return f"{min(len(predictions.values), len(numbers))} answers to {rows} rows"
    if numbers.dtype.kind not in "fiu":
        return f"answers of type {numbers.dtype}, numbers are due"
    return "" if np.isfinite(numbers).all() else "NaN or infinity among the answers"
