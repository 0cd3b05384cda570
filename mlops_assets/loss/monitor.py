"""Whether a champion's mean loss rose above what it was at training: evidence that may be looked at after every batch.

The champion's true loss is not known; held-out rows, and batches before the change, estimate it. For each candidate m
of it a gambler bets twice. First that those rows' mean is *below* m, then that the mean of the batches since the change
is *above* m. If all of them have the mean m, no strategy can expect to win, and the capital ever reaches 1 / alpha with
a chance of at most alpha (Ville 1939). The evidence is the capital against the candidate that fits best, so an alarm
needs every candidate refuted: the uncertainty of both sides counts, however few rows the reference has.

When the loss rises is not known either. A part of the capital bets on each batch as the first of the change.

Notes
-----
With grid points x and weights g of a sketch, the log capital of stake s is sum(g * log(1 + s * (x - m))) for "above",
with -s for "below" (Waudby-Smith & Ramdas, Estimating means of bounded random variables by betting, JRSS B 86, 2024).
With R_j(m) the capital won on all rows before batch j and L_ij(m) that won on batch i,

    E_t = min over m of  sum over j <= t of  w_j * mean over stakes of  R_j(m) * product over j <= i <= t of L_i(m).

For the true m each summand is a nonnegative martingale started at w_j, and the w_j sum to 1 (the mixture of starts is
that of Shin, Ramdas & Rinaldo, E-detectors, New England Journal of Statistics in Data Science 2, 2024). Stakes are
fixed beforehand or follow from earlier rows, so the order of the rows within a batch does not count.

What is promised is about looks after whole batches in the order in which they were scored. A batch that arrives late
is scored late; it is another batch of the same life.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlops_assets.loss.sketch import GRID, LossSketch

CANDIDATES = 256
BEYOND = 4.0  # standard errors by which candidates reach beyond the means that were seen
STAKE_MAX = 0.9  # of the capital that the worst loss can take
# The log capital of a bet at z standard errors is z**2 / 2 at a stake of z / (sd * sqrt(n)), and little less nearby.
BELOW_Z = 2.0  # the reference's share of an alarm at 4 standard errors in all
ABOVE_Z = 4.0
# Standard deviation of a loss over the largest that its mean m allows, sqrt(m * (1 - m)), which zero-one losses have.
SPREADS = (1.0, 0.5, 0.25)
IDLE = 0.1  # share of the capital that does not bet below m, so that a candidate far below is not refuted by it
ROWS_SINCE, ROWS_STEP, STAKES_MIN = 200.0, 4.0, 3  # rows since the change at which the stakes are best
# Weight of batch j as the first of a change: (a + 1) / ((j + a)(j + a + 1)), which sums to 1; half of it by batch 6.
START_A = 5


@dataclass(frozen=True)
class LossEvidence:
    """Evidence after the last batch that the loss rose, and the batches that it rose with.

    `log_e` is the log of E; exp(-log_e), at most 1, is a p-value that is valid at every look. `since` is the position
    of the likeliest first batch of the change.
    """

    log_e: float
    since: int

    @property
    def p_value(self) -> float:
        """Chance of so much evidence, ever, without a change."""
        return math.exp(-max(0.0, self.log_e))


def loss_evidence(reference: LossSketch, batches: Sequence[LossSketch], two_points: bool = False) -> LossEvidence:
    """The evidence after the last of at least one batch, in the order in which they were scored.

    Parameters
    ----------
    two_points : True where a loss is 0 or the largest; its spread then follows from its mean
    """
    below, above = _bets(reference, batches, two_points)
    capital = _capital(below, above)[-1]
    best = int(capital.argmin())
    tails = np.cumsum(above[::-1, best], axis=0)[::-1]  # log capital of each stake from batch j on
    by_start = _log_weights(len(batches)) + below[:, best] + _log_mean(tails, axis=1)
    return LossEvidence(float(capital[best]), int(by_start.argmax()))


def evidence_path(
    reference: LossSketch, batches: Sequence[LossSketch], two_points: bool = False
) -> NDArray[np.float64]:
    """`log_e` after each batch, shape (n_batches,)."""
    below, above = _bets(reference, batches, two_points)
    path: NDArray[np.float64] = _capital(below, above).min(axis=1)
    return path


def _capital(below: NDArray[np.float64], above: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log capital against each candidate after each batch, shape (n_batches, n_candidates)."""
    running = np.full(above.shape[1:], -np.inf)
    path = np.empty(below.shape)
    for at, log_weight in enumerate(_log_weights(len(below))):
        running = np.logaddexp(running, log_weight + below[at][:, None]) + above[at]
        path[at] = _log_mean(running, axis=1)
    return path


def _bets(
    reference: LossSketch, batches: Sequence[LossSketch], two_points: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Log capitals won below (n_batches, n_candidates) and above (n_batches, n_candidates, n_stakes)."""
    mass = np.array([reference.mass, *(batch.mass for batch in batches)])
    held = mass.any(axis=0)  # zero-one losses lie on two points
    points, mass = GRID[held], mass[:, held]
    means = _candidates(points, mass)
    bets, before = means[:, None] - points, mass.cumsum(axis=0)[:-1]  # (n_candidates, n_points)
    below = _below(means, bets, before, SPREADS[:1] if two_points else SPREADS)
    return below, _above(means, -bets, mass[1:], reference)


def _candidates(points: NDArray[np.float64], mass: NDArray[np.float64]) -> NDArray[np.float64]:
    """Means in (0, 1) between and around those of the reference and of the batches."""
    rows = mass.sum(axis=1)
    means = mass @ points / rows
    reach = BEYOND * np.sqrt((means + 1 / rows) * (1 - means + 1 / rows) / rows)
    edge = 0.5 / rows.sum()
    low, high = max(edge, float((means - reach).min())), min(1 - edge, float((means + reach).max()))
    return np.linspace(low, high, CANDIDATES, dtype=np.float64)


def _below(
    means: NDArray[np.float64], bets: NDArray[np.float64], before: NDArray[np.float64], spreads: Sequence[float]
) -> NDArray[np.float64]:
    """Log capital of betting that the rows before each batch have a mean below m."""
    parts = []
    for spread in spreads:
        scale = spread * np.sqrt(means * (1 - means)) * np.sqrt(before.sum(axis=1))[:, None]
        stakes = np.minimum(BELOW_Z / scale, STAKE_MAX / (1 - means))
        parts.append(np.einsum("bcp,bp->bc", np.log1p(stakes[..., None] * bets), before))
    won = _log_mean(np.array(parts), axis=0)
    capital: NDArray[np.float64] = np.logaddexp(math.log(IDLE), math.log(1 - IDLE) + won)
    return capital


def _above(
    means: NDArray[np.float64], bets: NDArray[np.float64], mass: NDArray[np.float64], reference: LossSketch
) -> NDArray[np.float64]:
    """Log capital of betting that each batch's mean is above m, one column a stake."""
    least = math.sqrt(0.5 / reference.n)  # of the spread, where the champion never erred
    spread = max(reference.std / reference.loss_max, least)
    parts = []
    for rows in _rows_since(reference):
        # The part of the shift that falls on this side: the best candidate stands between reference and batches.
        stake = ABOVE_Z / (spread * math.sqrt(rows)) * reference.n / (reference.n + rows)
        stakes = np.minimum(stake, STAKE_MAX / means)
        parts.append(mass @ np.log1p(stakes[:, None] * bets).T)
    return np.stack(parts, axis=-1)


def _rows_since(reference: LossSketch) -> list[float]:
    """For how many rows the stakes are made: up to the reference's own number; the last one, 0, cannot be ruined."""
    steps = max(STAKES_MIN, math.ceil(math.log(max(reference.n, 1.0) / ROWS_SINCE, ROWS_STEP)))
    return [*(ROWS_SINCE * ROWS_STEP**at for at in range(steps)), math.inf]


def _log_weights(n_batches: int) -> NDArray[np.float64]:
    at = np.arange(1, n_batches + 1) + START_A
    weights: NDArray[np.float64] = np.log((START_A + 1) / (at * (at + 1)))
    return weights


def _log_mean(logs: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    mean: NDArray[np.float64] = np.logaddexp.reduce(logs, axis=axis) - math.log(logs.shape[axis])
    return mean
