"""Losses as weights on a few fixed points: all that a comparison of mean losses needs to remember of a batch."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

POINTS = 33
GRID: NDArray[np.float64] = np.linspace(0, 1, POINTS) ** 2  # closer near 0, where losses crowd
GRID.setflags(write=False)


@dataclass(frozen=True, eq=False)
class LossSketch:
    """Losses in [0, loss_max], each split over the two points of the grid beside it.

    `mass` has shape (33,) and sums to the number of losses. Sketches of the same `loss_max` add up.
    """

    mass: NDArray[np.float64]
    loss_max: float

    @property
    def n(self) -> int:
        """How many losses."""
        return round(float(self.mass.sum()))

    @property
    def mean(self) -> float:
        """Their mean, exact but for rounding."""
        return self.loss_max * float(self.mass @ GRID) / self.n

    @property
    def std(self) -> float:
        """Their standard deviation, rounded up: losses between two points were spread over both."""
        centred = self.loss_max * GRID - self.mean
        return float(np.sqrt(self.mass @ centred**2 / self.n))

    def __add__(self, other: Self) -> Self:
        if other.loss_max != self.loss_max:
            raise ValueError(f"losses up to {self.loss_max:g} and up to {other.loss_max:g} do not add up")
        return type(self)(self.mass + other.mass, self.loss_max)

    def to_dict(self) -> dict[str, Any]:
        """Plain values: the points that hold something, by position."""
        held = {str(at): round(float(mass), 9) for at, mass in enumerate(self.mass) if mass > 0}
        return {"loss_max": self.loss_max, "mass": held}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """The sketch that `to_dict` wrote."""
        mass = np.zeros(POINTS)
        for at, held in values["mass"].items():
            mass[int(at)] = held
        return cls(mass, float(values["loss_max"]))


def sketch_losses(losses: ArrayLike, loss_max: float) -> LossSketch:
    """The sketch of losses.

    Parameters
    ----------
    losses : shape (n,), in [0, loss_max]; larger ones are clipped, as the decision does

    Raises
    ------
    ValueError
        If there is no loss, or one is missing or negative.

    Notes
    -----
    Linear binning (Wand, Fast computation of multivariate kernel estimators, Journal of Computational and Graphical
    Statistics 3, 1994): a loss between two points gives each a weight so that its mean stays. The expectation of a
    concave function, such as the log of a gambler's capital, can only fall by it, so bets that are settled on the
    sketch win at most what they would win on the losses themselves. Zero-one losses lie on the points: nothing is lost.

    Examples
    --------
    >>> sketch_losses([0, 1, 1, 0], 1.0).to_dict()
    {'loss_max': 1.0, 'mass': {'0': 2.0, '32': 2.0}}
    """
    array = np.asarray(losses, dtype=np.float64)
    wrong = ~(array >= 0)  # NaN compares false
    if wrong.any():
        raise ValueError(f"loss {array[wrong][0]} at position {int(wrong.argmax())}: a number of at least 0 is due")
    if len(array) == 0:
        raise ValueError("no losses; at least one is due")
    scaled = np.minimum(array / loss_max, 1.0)
    left = np.clip(np.searchsorted(GRID, scaled, side="right") - 1, 0, POINTS - 2)
    share = (scaled - GRID[left]) / (GRID[left + 1] - GRID[left])
    mass = np.bincount(left, 1 - share, POINTS) + np.bincount(left + 1, share, POINTS)
    return LossSketch(mass.astype(np.float64), loss_max)


def merged(sketches: Iterable[LossSketch]) -> LossSketch:
    """All losses of at least one sketch together."""
    return reduce(LossSketch.__add__, sketches)
