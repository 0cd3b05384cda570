"""Holm's correction: the chance of one or more false alarms stays below alpha over all tests together."""

from collections.abc import Sequence

import numpy as np


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values in the order given, each in [0, 1]; a test is significant when its value is at most alpha.

    Notes
    -----
    With p(1) <= ... <= p(n), the adjusted value of rank i is max over j <= i of min(1, (n - j + 1) p(j)).
    Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6 (1979).

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    raw = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(raw, kind="stable")
    factors = len(raw) - np.arange(len(raw))
    adjusted = np.empty_like(raw)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(factors * raw[order]))
    return [float(value) for value in adjusted]
