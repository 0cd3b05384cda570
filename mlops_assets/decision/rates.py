"""Whether two groups have the same rate, looked at as often as one likes."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

PRIOR = 0.18  # successes and failures assumed of each group at first; Turner, Ly & Grünwald find it near the best


def rate_mismatch(successes_a: ArrayLike, total_a: ArrayLike, successes_b: ArrayLike, total_b: ArrayLike) -> float:
    """P-value of the two groups having one rate in each block, valid at every number of blocks; 1 = no sign of two.

    Parameters
    ----------
    successes_a, total_a, successes_b, total_b : shape (n_blocks,), counts of each block, in the order of time

    Notes
    -----
    1 over the largest product of e-variables over blocks. In a block of n_a and n_b trials, with rates p_a and p_b
    learned from the blocks before and p = (n_a p_a + n_b p_b) / (n_a + n_b), the e-variable is the likelihood at
    (p_a, p_b) over that at (p, p). It has mean at most 1 whatever the common rate of that block is: Turner, Ly &
    Grünwald, Generic E-variables for exact sequential k-sample tests that allow for optional stopping, Journal of
    Statistical Planning and Inference 230 (2024).

    Examples
    --------
    >>> rate_mismatch([5, 5], [10, 10], [5, 5], [10, 10])
    1.0
    """
    hits_a, all_a, hits_b, all_b = (
        np.asarray(one, dtype=np.float64) for one in (successes_a, total_a, successes_b, total_b)
    )
    learned_a, learned_b = _learned(hits_a, all_a), _learned(hits_b, all_b)
    total = np.maximum(all_a + all_b, 1.0)
    common = (all_a * learned_a + all_b * learned_b) / total
    common = np.where(all_a + all_b > 0, common, learned_a)
    log_e = _gain(hits_a, all_a, learned_a, common) + _gain(hits_b, all_b, learned_b, common)
    return float(min(1.0, np.exp(-max(0.0, np.cumsum(log_e).max(initial=0.0)))))


def _learned(hits: NDArray[np.float64], total: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rate by the blocks before each."""
    rate: NDArray[np.float64] = (PRIOR + np.cumsum(hits) - hits) / (2 * PRIOR + np.cumsum(total) - total)
    return rate


def _gain(
    hits: NDArray[np.float64], total: NDArray[np.float64], rate: NDArray[np.float64], common: NDArray[np.float64]
) -> NDArray[np.float64]:
    gain: NDArray[np.float64] = hits * np.log(rate / common) + (total - hits) * np.log((1 - rate) / (1 - common))
    return gain
