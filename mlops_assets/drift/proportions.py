"""Whether two shares differ."""

import math

from scipy import special

EXACT_BELOW = 25  # expected counts below this are too few for the normal approximation in the far tails Holm asks for


def proportions_p_value(hits_a: int, n_a: int, hits_b: int, n_b: int) -> float:
    """Two-sided p-value of equal shares hits_a / n_a and hits_b / n_b.

    Notes
    -----
    From 25 expected hits and misses on each side on: the pooled z-test. Below: given all hits together, those of b
    are Binomial(hits, n_b / (n_a + n_b)) when the rates are equal (Przyborowski & Wilenski, Biometrika 31, 1940), and
    twice the smaller tail is taken. That is conservative for shares, the more so the larger they are; hits and misses
    change places when hits are the majority.

    Examples
    --------
    >>> round(proportions_p_value(0, 100, 4, 100), 4)  # 2 * (1/2) ** 4
    0.125
    """
    hits, total = hits_a + hits_b, n_a + n_b
    if 2 * hits > total:
        return proportions_p_value(n_a - hits_a, n_a, n_b - hits_b, n_b)
    if hits == 0:
        return 1.0
    pooled = hits / total
    if pooled * min(n_a, n_b) < EXACT_BELOW:
        return _binomial_p_value(hits_b, hits, n_b / total)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / n_a + 1 / n_b))
    return math.erfc(abs(hits_b / n_b - hits_a / n_a) / spread / math.sqrt(2))


def _binomial_p_value(hits: int, n: int, share: float) -> float:
    at_most = special.bdtr(hits, n, share)
    at_least = special.bdtrc(hits - 1, n, share) if hits > 0 else 1.0
    return float(min(1.0, 2 * min(at_most, at_least)))
