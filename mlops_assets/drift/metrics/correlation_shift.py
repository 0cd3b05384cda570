"""How far what columns have to do with each other moved."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def correlation_shift(reference: NDArray[np.floating[Any]], current: NDArray[np.floating[Any]]) -> float:
    """The largest change of Pearson's correlation over all pairs of columns, 0..2; on normal scores: of ranks.

    Parameters
    ----------
    reference, current : shape (n_rows, n_columns), at least two columns

    Returns
    -------
    NaN where no pair varies on both sides.
    """
    gaps = np.abs(_correlation(current) - _correlation(reference))[np.triu_indices(reference.shape[1], 1)]
    known = gaps[np.isfinite(gaps)]
    return float(known.max()) if len(known) else float("nan")


def _correlation(rows: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    centred = rows.astype(np.float64) - rows.mean(axis=0)
    spread = np.sqrt((centred**2).sum(axis=0))
    scale = np.outer(spread, spread)
    return np.divide(centred.T @ centred, scale, out=np.full_like(scale, np.nan), where=scale > 0)
