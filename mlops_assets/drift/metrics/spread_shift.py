"""How far the spread moved."""

import math

import numpy as np
from numpy.typing import NDArray


def spread_shift(reference: NDArray[np.float64], current: NDArray[np.float64]) -> float:
    """|ln of the ratio of both standard deviations|, 0 = same spread; NaN where either side is constant.

    0.2 stands for a standard deviation that is 22 % larger, or 18 % smaller.
    """
    first, second = float(reference.std()), float(current.std())
    return abs(math.log(second / first)) if first > 0 and second > 0 else math.nan
