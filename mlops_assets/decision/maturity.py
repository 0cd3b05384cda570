"""Which labels count: those of answers old enough that slow labels have come too.

Labels whose delay depends on the arm and on who was right bias every look at an experiment that runs: for a while the
quick ones are all there is. So answers younger than a quantile of the lag do not count, whatever label they have, and
what may still be missing of the older ones is stated as an allowance.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlops_assets.decision.lag import lag_curve

AT_ONCE_S = 1.0  # labels that come within a second are never early: nothing can be told apart in that time
SEEN = 3.0  # the oldest answer must be so many windows old, or lags beyond the window would go unseen
SETTLED_Z = 1.645  # normal quantile of the one-sided 5 % test that labels have ceased to come
LOOKS = 16  # without new labels, ripening ones are looked at so often while a window passes


@dataclass(frozen=True, eq=False)
class Maturity:
    """What counts at a moment.

    Attributes
    ----------
    window_s : age from which on an answer's label counts; None = cannot be said yet, and nothing counts
    counts : shape (n_labels,), True where the label counts
    missing : shape (n_labels,), for each label that counts, how many of its kind are expected to be still missing
    look_in_s : seconds until more labels count without any new one coming; None = all count
    """

    window_s: float | None
    counts: NDArray[np.bool_]
    missing: NDArray[np.float64]
    look_in_s: float | None


def mature(
    lags_s: NDArray[np.float64], ages_s: NDArray[np.float64], groups: NDArray[np.int64], quantile: float
) -> Maturity:
    """What counts now.

    Parameters
    ----------
    lags_s, ages_s : shape (n_labels,), seconds from answer to label, and from answer to now
    groups : shape (n_labels,), labels that may differ in their lag: arms, and who was right
    quantile : the share of each group's labels that must have come, 0..1

    Notes
    -----
    The window is the largest quantile of the lag over groups, each learned by `lag_curve`. It is not known, and nothing
    counts, while the oldest answer is younger than `SEEN` windows, or while a group's labels still come as fast as they
    did at first: lags that are uniform between 0 and the answer's age have lag / age with mean 1/2 and variance 1/12,
    and the sum over k labels must lie `SETTLED_Z` standard deviations below k / 2. That test needs two labels.
    """
    ages = np.maximum(ages_s, 0.0)
    lags = np.clip(lags_s, 0.0, ages)
    lags = np.where(lags < AT_ONCE_S, 0.0, lags)
    if not lags.any():
        return Maturity(0.0, np.ones(len(lags), dtype=bool), np.zeros(len(lags)), None)
    kinds = [groups == group for group in np.unique(groups)]
    curves = [lag_curve(lags[kind], ages[kind]) for kind in kinds]
    window, oldest = max(curve.quantile(quantile) for curve in curves), float(ages.max())
    if oldest < SEEN * window or not all(_settled(lags[kind], ages[kind]) for kind in kinds):
        return _unknown(len(lags), max(SEEN * window - oldest, oldest / LOOKS))
    counts, missing = ages >= window, np.zeros(len(lags))
    for kind, curve in zip(kinds, curves, strict=True):
        old = kind & counts
        missing[old] = 1.0 / curve.share(ages[old]) - 1.0
    young = ages[~counts]
    look_in_s = max(window - float(young.max()), window / LOOKS) if len(young) else None
    return Maturity(window, counts, missing, look_in_s)


def allowance(values: NDArray[np.float64], missing: NDArray[np.float64]) -> float:
    """By how much labels still missing could move the mean of the values that count, at least 0.

    Notes
    -----
    If each value v stands for m more of its kind that are to come, the mean moves by
    sum(m (v - mean)) / sum(1 + m); all of them are taken to pull the same way.

    Examples
    --------
    Two values of which the second stands for one more: (0 + 1 + 1) / 3 is 1/6 above 1/2, and
    1 * |1 - 1/2| / 3 says so.

    >>> round(allowance(np.array([0.0, 1.0]), np.array([0.0, 1.0])), 6)
    0.166667
    """
    if not missing.any():
        return 0.0
    return float((missing * np.abs(values - values.mean())).sum() / (1.0 + missing).sum())


def _settled(lags: NDArray[np.float64], ages: NDArray[np.float64]) -> bool:
    """True unless the labels of a kind may still come as fast as at first."""
    k = len(lags)
    elapsed = float((lags / np.maximum(ages, AT_ONCE_S)).sum())
    return k < 2 or elapsed <= k / 2 - SETTLED_Z * math.sqrt(k / 12)


def _unknown(n: int, look_in_s: float) -> Maturity:
    return Maturity(None, np.zeros(n, dtype=bool), np.zeros(n), look_in_s)
