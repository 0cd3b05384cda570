"""Evidence that windows have changed: what a gambler would have won who bets on small p-values.

The capital begins at 1 and is split into equal shares, one for each window that may come; each share enters the game at
its own window, since the change may begin at any. If nothing changed the capital is a supermartingale, and reaches
1 / alpha with a chance of alpha at most, however often one looks (Ville 1939; Vovk et al. 2003, Testing exchangeability
on-line).
"""

import numpy as np
from numpy.typing import NDArray

BET = 0.2  # of the family b(p) = e p^(e - 1), whose integral over p is 1; wins most where p is about 1 in 150


def capital(p: NDArray[np.float64], windows_max: int) -> NDArray[np.float64]:
    """The capital after each window.

    Parameters
    ----------
    p : ndarray of shape (n_windows,)
        From `strangeness.p_values`.
    windows_max : int
        How many windows may come; one more than that would play without a stake.

    Notes
    -----
    With stake w = 1 / windows_max: played(t) = (played(t - 1) + w) b(p(t)), capital(t) = played(t) + 1 - w t.

    Examples
    --------
    >>> capital(np.array([1.0, 0.01]), 2).round(3).tolist()
    [0.6, 4.777]
    """
    stake, played, found = 1.0 / windows_max, 0.0, np.empty(len(p))
    won = BET * p ** (BET - 1.0)
    for place, factor in enumerate(won):
        entering = stake if place < windows_max else 0.0
        played = (played + entering) * factor
        found[place] = played + max(0.0, 1.0 - stake * (place + 1))
    return found
