"""The largest gap between two distribution functions."""

import numpy as np
from numpy.typing import NDArray


def ks(reference: NDArray[np.float64], current: NDArray[np.float64]) -> float:
    """Kolmogorov-Smirnov statistic of two samples, 0 (identical) to 1 (nothing in common).

    Parameters
    ----------
    reference : shape (n_reference,), ascending
    current : shape (n_current,), ascending

    Notes
    -----
    sup over x of |F(x) - G(x)|. Between two values of the smaller sample its distribution function stands still while
    the other can only rise, so the largest gap lies at one of them or just below: one search for each.
    """
    small, large = sorted((reference, current), key=len)
    after = np.searchsorted(small, small, side="right") / len(small)
    before = np.searchsorted(small, small, side="left") / len(small)
    large_after = np.searchsorted(large, small, side="right") / len(large)
    large_before = np.searchsorted(large, small, side="left") / len(large)
    return float(max((after - large_after).max(), (large_before - before).max(), 0.0))
