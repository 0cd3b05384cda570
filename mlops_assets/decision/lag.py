"""How long labels take, learned from labels of which the slow ones have not come yet.

An answer that is an hour old can only have a label that took less than an hour. Whoever takes a quantile of the lags
that came in so far therefore finds labels quicker than they are, most of all at the start of an experiment.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class LagCurve:
    """Share of the labels that have come after so long: `shares` at `lags_s`, both rising, the last share 1."""

    lags_s: NDArray[np.float64]
    shares: NDArray[np.float64]

    def share(self, ages_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Share of the labels of answers of these ages that have come, 0..1."""
        places = np.searchsorted(self.lags_s, ages_s, side="right")
        found: NDArray[np.float64] = np.concatenate([[0.0], self.shares])[places]
        return found

    def quantile(self, q: float) -> float:
        """Seconds after which a share `q` of the labels has come."""
        return float(self.lags_s[int(np.argmax(self.shares >= q))])


def lag_curve(lags_s: NDArray[np.float64], ages_s: NDArray[np.float64]) -> LagCurve:
    """The distribution of lags, from those that came.

    Parameters
    ----------
    lags_s : shape (n_labels,), seconds from answer to label, at least 0
    ages_s : shape (n_labels,), seconds from answer to now, at least the lag

    Notes
    -----
    The product-limit estimate under right truncation, F(t) = prod over lags s > t of (1 - d(s) / n(s)), where d(s)
    labels took s and n(s) took at most s and are of answers at least s old: Lynden-Bell, Monthly Notices of the Royal
    Astronomical Society 155 (1971); Lagakos, Barraj & De Gruttola, Biometrika 75 (1988). It knows nothing about lags
    longer than the oldest answer's age.

    Raises
    ------
    ValueError
        If there are no labels.

    Examples
    --------
    Of two old answers one label took 9 s and one 1 s; of two young ones (5 s) both labels took 1 s, and two more that
    take 9 s are still to come. Lag 9 has d = 1 of n = 2, so half of the labels take so long, not a quarter.

    >>> lag_curve(np.array([9.0, 1, 1, 1]), np.array([20.0, 20, 5, 5])).shares
    array([0.5, 1. ])
    """
    if len(lags_s) == 0:
        raise ValueError("a lag cannot be learned from no label")
    points, taken = np.unique(lags_s, return_counts=True)
    at_risk = np.arange(1, len(lags_s) + 1)[np.cumsum(taken) - 1] - np.searchsorted(
        np.sort(ages_s), points, side="left"
    )
    stay = 1.0 - taken / at_risk
    shares = np.concatenate([np.cumprod(stay[::-1])[::-1][1:], [1.0]])
    return LagCurve(points, shares)
