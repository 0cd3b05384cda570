"""Confidence intervals for a mean that hold at every number of labels at once, so that looking often costs nothing.

For each candidate mean m a gambler starts with a capital of 1 and bets, label after label, that the true mean is
larger. If m is the true mean, no strategy can expect to win, and the capital ever reaches 1/a with a chance of at
most a (Ville 1939). The candidates against which it did are excluded, for good.

Waudby-Smith & Ramdas, Estimating means of bounded random variables by betting, Journal of the Royal Statistical
Society B 86 (2024). Of their strategies this is the diversified one: equal parts of the capital bet fixed shares of
themselves. It needs no estimate of the variance, adapts to it, and its capital falls in m, so that what is not excluded
is an interval and bisection finds its ends.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

STAKES = 0.99 * 2.0 ** -np.arange(8)  # share of its capital that each part bets; small ones win on small differences
BISECTIONS = 24  # the ends are within 2**-24 of the range, rounded outwards
PATH_POINTS = 64


@dataclass(frozen=True)
class Interval:
    """Estimate of a mean and its interval; low above high says that the mean did not stay the same."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class IntervalPath:
    """Estimate and interval after each label, arrays of shape (n_labels,)."""

    estimate: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def mean_interval(values: NDArray[np.float64], low: float, high: float, alpha: float) -> Interval:
    """Interval for the mean of values between low and high, in the order in which they came.

    With a chance of at least 1 - alpha it holds the true mean now and at every other number of values. It is the
    intersection of all intervals so far and never grows. Without a value it is the whole range.

    Raises
    ------
    ValueError
        If a value is missing or outside [low, high].
    """
    scaled, log_goal = _scaled(values, low, high), math.log(2 / alpha)
    if len(scaled) == 0:
        return Interval((low + high) / 2, low, high)
    span = high - low
    return Interval(
        estimate=float(np.mean(values)),
        low=low + span * _lower_end(scaled, log_goal),
        high=high - span * _lower_end(1 - scaled, log_goal),
    )


def labels_until_above(values: NDArray[np.float64], bound: float, low: float, high: float, alpha: float) -> int | None:
    """After how many values the interval's lower end is at least `bound`, strictly inside the range; None = not yet."""
    return _first_win(_scaled(values, low, high), (bound - low) / (high - low), math.log(2 / alpha))


def labels_until_below(values: NDArray[np.float64], bound: float, low: float, high: float, alpha: float) -> int | None:
    """After how many values the interval's upper end is at most `bound`, strictly inside the range; None = not yet."""
    return labels_until_above(-np.asarray(values), -bound, -high, -low, alpha)


def interval_path(values: NDArray[np.float64], low: float, high: float, alpha: float) -> IntervalPath:
    """What `mean_interval` says after each value, its ends rounded outwards to some 64 levels, closer near the last."""
    scaled, log_goal = _scaled(values, low, high), math.log(2 / alpha)
    span = high - low
    counts = np.arange(1, len(scaled) + 1)
    return IntervalPath(
        estimate=np.cumsum(values) / counts,
        low=low + span * _lower_path(scaled, log_goal),
        high=high - span * _lower_path(1 - scaled, log_goal),
    )


def _scaled(values: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    array = np.asarray(values, dtype=np.float64)
    outside = ~((array >= low) & (array <= high))  # NaN compares false
    if outside.any():
        raise ValueError(f"value {array[outside][0]} is not between {low:g} and {high:g}")
    scaled: NDArray[np.float64] = (array - low) / (high - low)
    return scaled


def _log_capital(scaled: NDArray[np.float64], mean: float) -> NDArray[np.float64]:
    """Log of the capital after each value of betting that the true mean is above `mean`, 0 < mean < 1."""
    parts = np.log1p(STAKES[:, None] * (scaled / mean - 1)).cumsum(axis=1)
    best = parts.max(axis=0)
    capital: NDArray[np.float64] = best + np.log(np.exp(parts - best).mean(axis=0))
    return capital


def _first_win(scaled: NDArray[np.float64], mean: float, log_goal: float) -> int | None:
    won = _log_capital(scaled, mean) >= log_goal
    return int(won.argmax()) + 1 if won.any() else None


def _lower_end(scaled: NDArray[np.float64], log_goal: float) -> float:
    """The largest mean known to be excluded, 0 where none is."""
    excluded, open_above = 0.0, 1.0
    for _ in range(BISECTIONS):
        middle = (excluded + open_above) / 2
        if _first_win(scaled, middle, log_goal) is None:
            open_above = middle
        else:
            excluded = middle
    return excluded


def _lower_path(scaled: NDArray[np.float64], log_goal: float) -> NDArray[np.float64]:
    path, last = np.zeros(len(scaled)), _lower_end(scaled, log_goal)
    if last == 0:
        return path
    for mean in [*last * (1 - np.geomspace(1, 1e-4, PATH_POINTS)[1:]), last]:
        labels = _first_win(scaled, mean, log_goal) or len(path)
        path[labels - 1 :] = mean
    return path
