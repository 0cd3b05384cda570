"""Differences of two samples on one scale: standard normal where both come from the same source."""

import numpy as np
from numpy.typing import NDArray
from scipy import special

Array = NDArray[np.float64]


def mean_z(sum_a: Array, n_a: Array, sum_b: Array, n_b: Array) -> Array:
    """Difference of two means of values with standard deviation 1, over its standard error; 0 where a side is empty."""
    safe_a, safe_b = np.maximum(n_a, 1), np.maximum(n_b, 1)
    z: Array = (sum_a / safe_a - sum_b / safe_b) / np.sqrt(1 / safe_a + 1 / safe_b)
    return np.where((n_a > 0) & (n_b > 0), z, 0.0)


def share_z(hits_a: Array, n_a: Array, hits_b: Array, n_b: Array) -> Array:
    """Signed root of the likelihood ratio of two shares, positive where a's is larger; 0 where a side is empty.

    Notes
    -----
    sqrt(2 sum o ln(o / e)) over the four cells of hits and misses, its hits moved by half a row towards what equal
    shares expect (Yates's correction). Its tails stay near the exact ones where the normal approximation of the
    difference fails, that is with few hits; Barndorff-Nielsen, Biometrika 73 (1986).

    Examples
    --------
    >>> float(share_z(np.array(4.0), np.array(200.0), np.array(0.0), np.array(4000.0)).round(2))  # exact: 4.42
    4.28
    """
    n = n_a + n_b
    hits = hits_a + hits_b
    expected = n_a * hits / np.maximum(n, 1)
    gap = hits_a - expected
    gap = np.sign(gap) * np.maximum(np.abs(gap) - 0.5, 0)
    observed = expected + gap
    cells = (
        (observed, expected),
        (n_a - observed, n_a - expected),
        (hits - observed, hits - expected),
        (n_b - hits + observed, n_b - hits + expected),
    )
    deviance = 2 * sum(_entropy(seen, due) for seen, due in cells)
    z: Array = np.sign(gap) * np.sqrt(np.maximum(deviance, 0))
    return z


def counts_z(counts_a: Array, counts_b: Array) -> Array:
    """Likelihood ratio of equal shares over the last axis, on the normal scale; positive: they differ.

    Notes
    -----
    2 sum o ln(o / e) over both rows of counts, a chi-square with one degree of freedom less than there are cells; cells
    empty on both sides do not count.
    """
    n_a, n_b = counts_a.sum(-1), counts_b.sum(-1)
    both = counts_a + counts_b
    share = (n_a / np.maximum(n_a + n_b, 1))[..., None]
    deviance = 2 * (_entropy(counts_a, both * share) + _entropy(counts_b, both * (1 - share))).sum(-1)
    return chi_square_z(deviance, (both > 0).sum(-1) - 1.0)


def chi_square_z(statistic: Array, freedom: Array) -> Array:
    """A chi-square statistic on the normal scale, 0 without degrees of freedom.

    Notes
    -----
    Wilson & Hilferty, PNAS 17 (1931): the cube root of a chi-square over its degrees of freedom is nearly normal.
    """
    safe = np.maximum(freedom, 0.5)
    z: Array = (np.cbrt(np.maximum(statistic, 0) / safe) - (1 - 2 / (9 * safe))) / np.sqrt(2 / (9 * safe))
    return np.where(freedom > 0, z, 0.0)


def digits(z: Array) -> Array:
    """How unlikely so large a z is by chance, as the number of zeros of its probability: 2 digits = one in a hundred.

    Examples
    --------
    >>> [float(value) for value in digits(np.array([0.0, 1.645, 4.0])).round(2)]
    [0.3, 1.3, 4.5]
    """
    found: Array = -special.log_ndtr(-z) / np.log(10)
    return found


def _entropy(observed: Array, expected: Array) -> Array:
    """o ln(o / e), 0 where nothing is observed."""
    found: Array = special.xlogy(observed, observed / np.where(expected > 0, expected, 1.0))
    return found
