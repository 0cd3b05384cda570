"""How surprising the largest score of a batch may be: quantiles learned from draws, and their tail."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TAIL_SHARE = 0.01  # of the draws; beyond their quantile the tail is modelled, since no draw reaches a millionth
SLOPE_MIN = 1 / math.log(10)  # digits of an exact probability grow by one with each factor of ten

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Limits:
    """For batches of `sizes` rows, ascending: the 99 % quantile of the largest score, and how its tail goes on.

    slopes : mean excess over that quantile among the draws beyond it, in digits
    """

    sizes: NDArray[np.int64]
    starts: Array
    slopes: Array

    @property
    def rows_min(self) -> int | None:
        """The smallest batch that has a limit, None where no batch has one."""
        return int(self.sizes[0]) if len(self.sizes) else None

    def limit(self, rows: float, alpha: float) -> float:
        """The score that a batch of so many rows exceeds by chance with probability alpha at most.

        Between two sizes the larger of both limits holds, beyond the last one that of the last: there the reference's
        own error decides, and scores are nearer to their normal form.

        Raises
        ------
        ValueError
            If the batch is smaller than the smallest size.

        Notes
        -----
        q(alpha) = q(0.01) + slope ln(0.01 / alpha): excesses over a high quantile are nearly exponential in digits, as
        the digits of a probability are; a generalised Pareto tail of shape 0 (Pickands, Annals of Statistics 3, 1975).
        """
        if self.rows_min is None or rows < self.rows_min:
            raise ValueError(f"a batch of {rows} rows has no limit; at least {self.rows_min} are due")
        above = int(np.searchsorted(self.sizes, rows, side="left"))
        around = {min(above, len(self.sizes) - 1), max(0, int(np.searchsorted(self.sizes, rows, side="right")) - 1)}
        further = math.log(TAIL_SHARE / alpha)
        return max(float(self.starts[at] + self.slopes[at] * further) for at in around)


def fit_limits(sizes: list[int], surprises: list[Array]) -> Limits:
    """Limits from the largest scores of draws of each size.

    The slope is the mean excess and one standard error of it, so that a lucky sample does not promise too much; it is
    at least that of an exact probability.
    """
    starts, slopes = [], []
    for drawn in surprises:
        start = float(np.quantile(drawn, 1 - TAIL_SHARE, method="higher"))
        excess = drawn[drawn > start] - start
        slope = float(excess.mean() * (1 + 1 / math.sqrt(len(excess)))) if len(excess) else SLOPE_MIN
        starts.append(start)
        slopes.append(max(slope, SLOPE_MIN))
    return Limits(np.array(sizes, dtype=np.int64), np.array(starts), np.array(slopes))
