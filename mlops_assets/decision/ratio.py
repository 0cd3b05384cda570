"""Whether the arms got the shares of traffic that they should have."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

CONCENTRATION = 5_000.0  # prior units' worth of belief in the split: sharpest for mismatches of a few percent
ALARM = 0.001  # p-values below it block a promotion: the usual level, Fabijan et al., KDD 2019


@dataclass(frozen=True)
class Phase:
    """Units of both arms while one split held; `split_b` is the share that B should have, 0..1."""

    number: int
    units_a: int
    units_b: int
    split_b: float

    @property
    def p_value(self) -> float:
        """That of this phase alone."""
        return ratio_mismatch(self.units_a, self.units_b, self.split_b)


def phases_mismatch(phases: Sequence[Phase]) -> tuple[float, Phase | None]:
    """P-value of the splits of all phases of an experiment, and the phase that fits worst; 1 and None without any.

    A verdict rests on the labels of every phase, so that a split that went wrong and was changed since still counts.

    Notes
    -----
    The smallest of the phases' p-values, times their number (Bonferroni).
    """
    if not phases:
        return 1.0, None
    p_values = [phase.p_value for phase in phases]
    least = min(p_values)
    return min(1.0, len(phases) * least), phases[p_values.index(least)]


def ratio_mismatch(counts_a: ArrayLike, counts_b: ArrayLike, split_b: float) -> float:
    """P-value of the split, valid however often one looks; 1 = as it should be.

    Parameters
    ----------
    counts_a, counts_b : units of each arm so far: one number, or the numbers at each look, shape (n_looks,)
    split_b : share of the units that arm B should have, 0..1

    Notes
    -----
    1 over the largest Bayes factor over all looks, of any share, with prior Beta(c (1 - split), c split), c = 5,000,
    against the given one; Lindon & Malek, Anytime-valid inference for multinomial count data, NeurIPS 2022. Where the
    split leaves an arm without traffic, one unit in it is proof. Units are drawn independently; answers are not, since
    one unit may ask thousands of times and keeps its arm.

    Raises
    ------
    ValueError
        If a count is negative or the split lies outside 0..1.
    """
    a, b = np.atleast_1d(np.asarray(counts_a, float)), np.atleast_1d(np.asarray(counts_b, float))
    if not 0 <= split_b <= 1:
        raise ValueError(f"split_b {split_b:g} is not between 0 and 1")
    if (a < 0).any() or (b < 0).any():
        raise ValueError("a count of units is negative")
    if split_b in (0.0, 1.0):
        return 0.0 if (b if split_b == 0 else a).any() else 1.0
    prior_a, prior_b = CONCENTRATION * (1 - split_b), CONCENTRATION * split_b
    log_factor = _log_beta(prior_a + a, prior_b + b) - _log_beta(np.array([prior_a]), np.array([prior_b]))
    log_factor -= a * math.log(1 - split_b) + b * math.log(split_b)
    return float(min(1.0, math.exp(-max(0.0, float(log_factor.max(initial=0.0))))))


def _log_beta(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    # The router asks too, and scipy would add half a second to the start of each of its processes.
    pairs = zip(a.tolist(), b.tolist(), strict=True)
    return np.array([math.lgamma(x) + math.lgamma(y) - math.lgamma(x + y) for x, y in pairs])
