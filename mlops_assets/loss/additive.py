"""An additive model of the loss: one number for each cell of each column, shrunk towards none."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FOLDS = 5
# Rows' worth of doubt about each cell, from little to nearly no model at all; cross-validation chooses.
PENALTIES = (3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)

Array = NDArray[np.float64]


def fit_additive(places: NDArray[np.int64], sizes: Sequence[int], losses: Array) -> tuple[Array, Array]:
    """Weights of all cells, the mean loss first, and each row's loss as rows of other folds expect it.

    Parameters
    ----------
    places : shape (n_rows, n_columns), the cell of each value
    sizes : how many cells each column has

    Notes
    -----
    Ridge regression on indicators of the cells (Hoerl & Kennard, Technometrics 12, 1970), the mean left unpenalised.
    The second value is out of fold, so that what it is calibrated on did not fit it. Row i is of fold i modulo 5.
    """
    design, folds = _indicators(places, sizes), np.arange(len(losses)) % FOLDS
    expected = [_out_of_fold(design, losses, folds, penalty) for penalty in PENALTIES]
    best = int(np.argmin([np.mean((each - losses) ** 2) for each in expected]))
    return _solve(design, losses, PENALTIES[best]), expected[best]


def expect(weights: Array, places: NDArray[np.int64], sizes: Sequence[int]) -> Array:
    """The expected loss of each row, shape (n_rows,)."""
    starts = np.cumsum([1, *sizes[:-1]])
    expected: Array = weights[0] + weights[places + starts].sum(axis=1)
    return expected


def _out_of_fold(design: Array, losses: Array, folds: NDArray[np.int64], penalty: float) -> Array:
    expected = np.empty(len(losses))
    for fold in range(FOLDS):
        out = folds == fold
        weights = _solve(design[~out], losses[~out], penalty)
        expected[out] = weights[0] + design[out] @ weights[1:]
    return expected


def _solve(design: Array, losses: Array, penalty: float) -> Array:
    middle, mean = design.mean(axis=0), losses.mean()
    centred = design - middle
    gram = centred.T @ centred + penalty * np.eye(design.shape[1])
    weights = np.linalg.solve(gram, centred.T @ (losses - mean))
    return np.concatenate([[mean - middle @ weights], weights])


def _indicators(places: NDArray[np.int64], sizes: Sequence[int]) -> Array:
    starts = np.cumsum([0, *sizes[:-1]])
    design = np.zeros((len(places), sum(sizes)))
    np.put_along_axis(design, places + starts, 1.0, axis=1)
    return design
