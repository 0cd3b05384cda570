"""Counts of numeric values over bins that the reference defines."""

import numpy as np
from numpy.typing import NDArray

ROUNDING = 1e-9  # 0.55 of 100 values are 55 of them, not 55.00000000000001
BINS = 10  # deciles of the reference: the usual choice for PSI, Siddiqi (2006)


def quantiles(values: NDArray[np.float64], shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """The smallest values with at least these shares (0..1) of all at or below them; values ascending, not empty.

    What `numpy.quantile(method="inverted_cdf")` gives, which would search for the order that is there already.
    """
    places = np.ceil(shares * len(values) - ROUNDING).astype(np.int64) - 1
    found: NDArray[np.float64] = values[np.maximum(places, 0)]
    return found


def quantile_edges(reference: NDArray[np.float64], bins: int = BINS) -> NDArray[np.float64]:
    """Inner edges of right-closed bins that hold equal shares of the reference.

    Parameters
    ----------
    reference : shape (n_reference,), ascending, not empty
    bins : number of bins wanted; repeated values make it fewer

    Returns
    -------
    Ascending edges e1 < e2 < ... of the bins (-inf, e1], (e1, e2], ..., (ek, inf). Where the smallest value fills the
    whole first bin, one more edge stands just below it, so that smaller values, unknown to the reference, are told
    apart; for the largest value the bins do so by themselves.
    """
    edges = np.unique(quantiles(reference, np.arange(1, bins) / bins))
    if edges[0] == reference[0]:
        edges = np.concatenate([[np.nextafter(edges[0], -np.inf)], edges])
    return edges


def bin_counts(values: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """How many of the ascending values fall into each bin, shape (len(edges) + 1,)."""
    below = np.searchsorted(values, edges, side="right")
    return np.diff(below, prepend=0, append=len(values)).astype(np.float64)


def paired_counts(
    reference: NDArray[np.float64], current: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Counts of both ascending samples over the reference's bins."""
    edges = quantile_edges(reference)
    return bin_counts(reference, edges), bin_counts(current, edges)
