"""Whether two rows of counts come from the same shares."""

import numpy as np
from numpy.typing import NDArray


def chi_square(reference_counts: NDArray[np.float64], current_counts: NDArray[np.float64]) -> float:
    """Two-sample homogeneity statistic, 0 = same shares; cells empty on both sides are left out.

    Parameters
    ----------
    reference_counts, current_counts : shape (n_cells,), each with a sum above 0

    Notes
    -----
    sum over both rows of (observed - expected)^2 / expected, expected = row total * cell total / grand total.
    """
    table = np.stack([reference_counts, current_counts])
    table = table[:, table.sum(axis=0) > 0]
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    return float(((table - expected) ** 2 / expected).sum())
