"""How far the mean moved."""

import numpy as np
from numpy.typing import NDArray


def mean_shift(reference: NDArray[np.float64], current: NDArray[np.float64]) -> float:
    """|mean of current - mean of reference| in reference standard deviations; NaN where the reference is constant.

    The standard deviation is the reference's alone (Glass's delta): a batch cannot hide its shift in its spread.
    """
    spread = float(reference.std())
    return float(abs(current.mean() - reference.mean())) / spread if spread > 0 else float("nan")
