"""How many more values lie far out."""

import numpy as np
from numpy.typing import NDArray

from mlops_assets.drift.bins import quantiles

OUTER = 0.05  # of the reference on either side


def tail_share(reference: NDArray[np.float64], current: NDArray[np.float64]) -> float:
    """Change of the share beyond the reference's 5 % and 95 % quantiles, of the tail that changed more; 0..0.95.

    Parameters
    ----------
    reference, current : shape (n,), ascending

    Notes
    -----
    |share of current above q - share of reference above q|, q the smallest value with 95 % of the reference at or
    below it; likewise strictly below the 5 % quantile.
    """
    low, high = quantiles(reference, np.array([OUTER, 1 - OUTER]))
    below = [np.searchsorted(side, low, side="left") / len(side) for side in (reference, current)]
    above = [1 - np.searchsorted(side, high, side="right") / len(side) for side in (reference, current)]
    return float(max(abs(below[1] - below[0]), abs(above[1] - above[0])))
