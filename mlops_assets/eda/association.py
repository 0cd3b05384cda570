"""How strongly two columns go together, for each mix of kinds, on the rows where both are there."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]


def pearson(x: Array, y: Array) -> float:
    """Correlation of two numeric columns: -1..1, nan where one is constant or fewer than three rows have both."""
    both = np.isfinite(x) & np.isfinite(y)
    a, b = x[both], y[both]
    if len(a) < 3 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan")
    return float(np.corrcoef(a, b)[0, 1])


def spearman(x: Array, y: Array) -> float:
    """Pearson's correlation of the ranks, equal values sharing the mean rank: -1..1 (Spearman 1904)."""
    both = np.isfinite(x) & np.isfinite(y)
    return pearson(stats.rankdata(x[both]), stats.rankdata(y[both]))


def correlation_ratio(labels: pd.Series, y: Array) -> float:
    """The correlation ratio eta of a number on a category: 0 = its mean is the same in each, 1 = fixed by the category.

    Notes
    -----
    eta^2 = sum over categories of n_c (mean_c - mean)^2 / sum over rows of (y - mean)^2 (Fisher 1925).
    """
    both = labels.notna().to_numpy() & np.isfinite(y)
    codes, values = pd.factorize(labels.to_numpy()[both])[0], y[both]
    if len(values) < 3 or np.ptp(values) == 0:
        return float("nan")
    counts = np.bincount(codes)
    means = np.bincount(codes, weights=values) / counts
    between = float(np.sum(counts * (means - values.mean()) ** 2))
    return float(np.sqrt(between / np.sum((values - values.mean()) ** 2)))


def cramers_v(a: pd.Series, b: pd.Series) -> float:
    """Cramér's V of two categories, corrected for chance: 0 = independent, 1 = each fixes the other.

    Notes
    -----
    With phi2 = chi2 / n of the table of r rows and c columns: phi2' = max(0, phi2 - (r - 1)(c - 1) / (n - 1)),
    r' = r - (r - 1)^2 / (n - 1), c' likewise, V = sqrt(phi2' / min(r' - 1, c' - 1)): Bergsma, A bias-correction for
    Cramér's V and Tschuprow's T, Journal of the Korean Statistical Society 42 (2013).
    """
    both = (a.notna() & b.notna()).to_numpy()
    table = _crossed(a.to_numpy()[both], b.to_numpy()[both])
    n, (r, c) = table.sum(), table.shape
    if n < 3 or min(r, c) < 2:
        return float("nan")
    expected = table.sum(1, keepdims=True) * table.sum(0, keepdims=True) / n
    phi2 = float(np.sum((table - expected) ** 2 / expected) / n)
    corrected = max(0.0, phi2 - (r - 1) * (c - 1) / (n - 1))
    least = min(r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)) - 1
    return float(min(1.0, np.sqrt(corrected / least))) if least > 0 else float("nan")


def _crossed(a: NDArray[np.object_], b: NDArray[np.object_]) -> Array:
    """Counts of each pair of labels, shape (labels of a, labels of b)."""
    first, of_first = pd.factorize(a)
    second, of_second = pd.factorize(b)
    shape = len(of_first), len(of_second)
    return np.bincount(first * shape[1] + second, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float64)
