"""How strange each window is beside all before it, as a conformal p-value: exact, whatever the distribution.

The newest of exchangeable windows has every rank among them with the same chance, so the share of windows that are at
least as strange as it, itself included, is below p with a chance of p at most, independently of the p-values before
(Vovk, Gammerman & Shafer 2005, Algorithmic Learning in a Random World, section 8.1; ties count against strangeness,
which only makes p larger).
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Side = Literal["up", "both", "mix"]
RARE = 1e-3  # share that is added to every class, so that one never met before is strange and not infinitely so


def p_values(values: NDArray[np.float64], side: Side, since: int = 0) -> NDArray[np.float64]:
    """The p-value of each window from `since` on.

    Parameters
    ----------
    values : ndarray of shape (n_windows,), or (n_windows, n_classes) where side is 'mix'
        One number a window; for a mix the shares of the classes.
    side : 'up', 'both' or 'mix'
        What is strange: a large value; one far from the mean of all; shares far from the mean shares of all.

    Returns
    -------
    ndarray of shape (n_windows - since,)
        From 1 / number of windows so far, to 1.

    Examples
    --------
    >>> p_values(np.array([3.0, 1.0, 2.0, 5.0]), "up").tolist()
    [1.0, 1.0, 0.6666666666666666, 0.25]
    """
    found = np.empty(len(values) - since)
    for place in range(since, len(values)):
        scores = _scores(values[: place + 1], side)
        found[place - since] = np.count_nonzero(scores >= scores[-1]) / (place + 1)
    return found


def _scores(values: NDArray[np.float64], side: Side) -> NDArray[np.float64]:
    """How strange each window is among these; the order of the others does not matter, as exactness needs."""
    if side == "up":
        return values
    if side == "both":
        distances: NDArray[np.float64] = np.abs(values - values.mean())
        return distances
    usual: NDArray[np.float64] = values.mean(axis=0) + RARE
    scores: NDArray[np.float64] = ((values - usual) ** 2 / usual).sum(axis=1)
    return scores
