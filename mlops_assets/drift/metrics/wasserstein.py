"""How far the values moved, in reference standard deviations."""

import numpy as np
from numpy.typing import NDArray


def wasserstein(reference: NDArray[np.float64], current: NDArray[np.float64]) -> float:
    """Wasserstein-1 distance over the reference's standard deviation; 0 = identical, larger = more drift.

    Parameters
    ----------
    reference : shape (n_reference,), ascending
    current : shape (n_current,), ascending

    Returns
    -------
    At least 0; NaN where the reference is constant.
    """
    spread = float(reference.std())
    return wasserstein_distance(reference, current) / spread if spread > 0 else float("nan")


def wasserstein_distance(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Area between the two quantile functions, in the unit of the values.

    Notes
    -----
    W1 = integral over t in [0, 1] of |Q1(t) - Q2(t)|, Ramdas, Garcia & Cuturi, Entropy 19 (2017). The smaller sample
    is constant on m blocks of t. In each of them the larger one crosses that constant at most once, so prefix sums
    give the integral: one pass over the larger sample, a search for each value of the smaller.
    """
    small, large = sorted((first, second), key=len)
    centre = small.mean()
    small, large = small - centre, large - centre
    m, n = len(small), len(large)
    begin, end = np.arange(m) * (n / m), np.arange(1, m + 1) * (n / m)
    cross = np.clip(np.searchsorted(large, small, side="right"), begin, end)
    sums = np.cumsum(large)
    at_begin, at_cross, at_end = (_sum_of_first(large, sums, at) for at in (begin, cross, end))
    below = small * (cross - begin) - (at_cross - at_begin)
    above = (at_end - at_cross) - small * (end - cross)
    return float(max(0.0, (below + above).sum() / n))


def _sum_of_first(
    values: NDArray[np.float64], sums: NDArray[np.float64], at: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Sum of the first `at` values; a fraction of `at` counts as that fraction of the next value."""
    whole = np.minimum(at.astype(np.int64), len(values) - 1)
    partial: NDArray[np.float64] = sums[whole] + (at - whole - 1) * values[whole]
    return partial
