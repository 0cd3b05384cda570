"""Jensen-Shannon distance."""

import numpy as np
from numpy.typing import NDArray
from scipy import special

from mlops_assets.drift.bins import paired_counts


def jensen_shannon(reference_counts: NDArray[np.float64], current_counts: NDArray[np.float64]) -> float:
    """Distance of two rows of counts, base 2: 0 = same shares, 1 = nothing in common.

    Parameters
    ----------
    reference_counts, current_counts : shape (n_cells,), one cell per bin or category, each with a sum above 0

    Notes
    -----
    The square root of the mean of KL(p, m) and KL(q, m) in bits, m = (p + q) / 2; Endres & Schindelin, IEEE
    Transactions on Information Theory 49 (2003).
    """
    p, q = reference_counts / reference_counts.sum(), current_counts / current_counts.sum()
    middle = (p + q) / 2
    divergence = (special.rel_entr(p, middle) + special.rel_entr(q, middle)).sum() / (2 * np.log(2))
    return float(np.sqrt(np.clip(divergence, 0.0, 1.0)))


def numeric_jensen_shannon(reference: NDArray[np.float64], current: NDArray[np.float64]) -> float:
    """The same over the deciles of the reference; both samples ascending."""
    return jensen_shannon(*paired_counts(reference, current))
