"""Whether two rows of counts come from the same shares."""

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from mlops_assets.drift.proportions import proportions_p_value

EXPECTED_MIN = 5  # Cochran, Some methods for strengthening the common chi-square tests, Biometrics 10 (1954)


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


def chi_square_p_value(reference_counts: NDArray[np.float64], current_counts: NDArray[np.float64]) -> float:
    """P-value of equal shares that holds with rare categories too.

    Notes
    -----
    Cells where fewer than 5 rows are expected on the smaller side are pooled. Where even the pool expects fewer,
    its share is tested by itself (`proportions_p_value`), the other cells by chi-square, and the smaller of the two
    p-values counts double (Bonferroni). Without rare cells it is the plain chi-square test.
    """
    n_reference, n_current = reference_counts.sum(), current_counts.sum()
    smaller = min(n_reference, n_current) / (n_reference + n_current)
    rare = (reference_counts + current_counts) * smaller < EXPECTED_MIN
    pools = reference_counts[rare].sum(), current_counts[rare].sum()
    kept = reference_counts[~rare], current_counts[~rare]
    if sum(pools) * smaller >= EXPECTED_MIN:
        return _tail(np.append(kept[0], pools[0]), np.append(kept[1], pools[1]))
    if sum(pools) == 0:
        return _tail(*kept)
    of_pool = proportions_p_value(int(pools[0]), int(n_reference), int(pools[1]), int(n_current))
    return min(1.0, 2 * min(_tail(*kept), of_pool))


def _tail(reference_counts: NDArray[np.float64], current_counts: NDArray[np.float64]) -> float:
    if len(reference_counts) < 2 or reference_counts.sum() == 0 or current_counts.sum() == 0:
        return 1.0
    return float(stats.chi2.sf(chi_square(reference_counts, current_counts), len(reference_counts) - 1))
