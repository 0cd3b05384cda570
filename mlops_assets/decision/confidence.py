"""Confidence intervals for a mean that hold at every number of labels at once, so that looking often costs nothing.

For each candidate mean m a gambler starts with a capital of 1 and bets, label after label, that the true mean is
larger. If m is the true mean, no strategy can expect to win, and the capital ever reaches 1/a with a chance of at
most a (Ville 1939). The candidates against which it did are excluded, for good.

Waudby-Smith & Ramdas, Estimating means of bounded random variables by betting, Journal of the Royal Statistical
Society B 86 (2024). Of their strategies this is the diversified one: parts of the capital bet fixed shares of
themselves. It needs no estimate of the variance, adapts to it, and its capital falls in m, so that what is not excluded
is an interval and bisection finds its ends. The parts are unequal: those whose stakes suit differences of one to five
points where models disagree on a tenth get most, which finds three points a sixth sooner than equal parts do.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

STAKES = 0.99 * 2.0 ** -np.arange(8)  # share of its capital that each part bets; small ones win on small differences
WEIGHTS = np.array([1.0, 3, 10, 6, 2, 1, 1, 1]) / 25  # the parts
BISECTIONS = 24  # the ends are within 2**-24 of the range, rounded outwards
PATH_POINTS = 64
Bound = float | NDArray[np.float64]


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


def mean_interval(
    values: NDArray[np.float64],
    low: Bound,
    high: Bound,
    alpha: float,
    within: tuple[float, float] | None = None,
) -> Interval:
    """Interval for the mean of values between low and high, in the order in which they came.

    With a chance of at least 1 - alpha it holds the true mean now and at every other number of values. It is the
    intersection of all intervals so far and never grows. Without a value it is the whole range.

    Parameters
    ----------
    low, high : bounds of all values, or of each, shape (n_values,), fixed before that value was seen
    within : where the mean can lie at most; None = between low and high, which must be numbers then

    Raises
    ------
    ValueError
        If a value is missing or outside its bounds.
    """
    floor, ceiling = within if within is not None else (float(np.min(low)), float(np.max(high)))
    if len(values) == 0:
        return Interval((floor + ceiling) / 2, floor, ceiling)
    up, down = _game(values, low, high)
    log_goal = math.log(2 / alpha)
    return Interval(
        estimate=float(np.mean(values)),
        low=_lower_end(up, floor, ceiling, log_goal),
        high=-_lower_end(down, -ceiling, -floor, log_goal),
    )


def labels_until_above(values: NDArray[np.float64], bound: float, low: Bound, high: Bound, alpha: float) -> int | None:
    """After how many values the interval's lower end is at least `bound`, strictly inside the range; None = not yet."""
    return _first_win(_game(values, low, high)[0], bound, math.log(2 / alpha))


def labels_until_below(values: NDArray[np.float64], bound: float, low: Bound, high: Bound, alpha: float) -> int | None:
    """After how many values the interval's upper end is at most `bound`, strictly inside the range; None = not yet."""
    return _first_win(_game(values, low, high)[1], -bound, math.log(2 / alpha))


def interval_path(
    values: NDArray[np.float64], low: Bound, high: Bound, alpha: float, within: tuple[float, float] | None = None
) -> IntervalPath:
    """What `mean_interval` says after each value, its ends rounded outwards to some 64 levels, closer near the last."""
    floor, ceiling = within if within is not None else (float(np.min(low)), float(np.max(high)))
    (up, down), log_goal = _game(values, low, high), math.log(2 / alpha)
    return IntervalPath(
        estimate=np.cumsum(values) / np.arange(1, len(values) + 1),
        low=_lower_path(up, floor, ceiling, log_goal),
        high=-_lower_path(down, -ceiling, -floor, log_goal),
    )


@dataclass(frozen=True, eq=False)
class _Game:
    """How far each value lies above its lower bound, and those bounds; shape (n_values,) or one bound for all."""

    gains: NDArray[np.float64]
    lows: Bound


def _game(values: NDArray[np.float64], low: Bound, high: Bound) -> tuple[_Game, _Game]:
    """The game that bets on a larger mean, and its mirror image."""
    array = np.asarray(values, dtype=np.float64)
    outside = ~((array >= low) & (array <= high))  # NaN compares false
    if outside.any():
        lows, highs = (np.broadcast_to(bound, array.shape)[outside][0] for bound in (low, high))
        raise ValueError(f"value {array[outside][0]} is not between {lows:g} and {highs:g}")
    return _Game(array - low, low), _Game(high - array, -high)


def _log_capital(game: _Game, mean: float) -> NDArray[np.float64]:
    """Log of the capital after each value of betting that the true mean is above `mean`, larger than every bound."""
    parts = np.log1p(STAKES[:, None] * (game.gains / (mean - game.lows) - 1)).cumsum(axis=1)
    best = parts.max(axis=0)
    capital: NDArray[np.float64] = best + np.log((WEIGHTS[:, None] * np.exp(parts - best)).sum(axis=0))
    return capital


def _first_win(game: _Game, mean: float, log_goal: float) -> int | None:
    won = _log_capital(game, mean) >= log_goal
    return int(won.argmax()) + 1 if won.any() else None


def _lower_end(game: _Game, floor: float, ceiling: float, log_goal: float) -> float:
    """The largest mean known to be excluded, `floor` where none is."""
    excluded, open_above = floor, ceiling
    for _ in range(BISECTIONS):
        middle = (excluded + open_above) / 2
        if _first_win(game, middle, log_goal) is None:
            open_above = middle
        else:
            excluded = middle
    return excluded


def _lower_path(game: _Game, floor: float, ceiling: float, log_goal: float) -> NDArray[np.float64]:
    path, last = np.full(len(game.gains), floor), _lower_end(game, floor, ceiling, log_goal)
    if last == floor:
        return path
    for mean in [*floor + (last - floor) * (1 - np.geomspace(1, 1e-4, PATH_POINTS)[1:]), last]:
        labels = _first_win(game, mean, log_goal) or len(path)
        path[labels - 1 :] = mean
    return path
