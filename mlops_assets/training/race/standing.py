"""How the policies of a race stand, and which one's model is used next."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from math import sqrt
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

UNHEARD = "no label yet"
Z = 2.0  # standard errors by which a leader has to be ahead, and by which a loss is surely high
PAID = 0.5  # of them by which following the last window has to have paid: it costs little to be wrong for one window
ROUNDS_MAX = 50  # that are remembered: a year of weeks
ROWS_MIN = 30  # rows of a round from which it may be a jump
JUMP = 2.0  # times the usual loss of the best policy: then the stream is another one
USUAL_ROUNDS = (4, 20)  # rounds that say what is usual: at least, at most


@dataclass(frozen=True)
class Standing:
    """What is known of the policies from labels so far.

    Attributes
    ----------
    rows : int
        Rows with a known loss.
    total : dict[str, float]
        Policy -> sum of its losses on them.
    rounds : tuple of tuples
        Sums of the losses, in the order of `total`, of each of the last rounds of labels.
    gains : tuple[float, ...]
        For the last of them, what the best policy of the round before lost less than the steady one.
    levels : tuple[float, ...]
        Mean loss of the best policy in each of the last rounds since a jump.
    steady, latest : str
        The policy ahead over many rounds, and the best one of the last round; the latter is '' before the first label.
    chosen, reason : str
        Whose model is used next, and why.
    """

    rows: int
    total: dict[str, float]
    rounds: tuple[tuple[float, ...], ...]
    gains: tuple[float, ...]
    levels: tuple[float, ...]
    steady: str
    latest: str
    chosen: str
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Standing":
        """The standing that `to_dict` wrote."""
        rounds = tuple(tuple(each) for each in values["rounds"])
        return cls(**{**values, "rounds": rounds, **{name: tuple(values[name]) for name in ("gains", "levels")}})


def even(policies: list[str]) -> Standing:
    """Before the first label: the last of the policies, the one that learns most, is used."""
    return Standing(0, dict.fromkeys(policies, 0.0), (), (), (), policies[-1], "", policies[-1], UNHEARD)


def after(standing: Standing, losses: NDArray[np.float64], quick: str) -> Standing:
    """The standing after a round of labels.

    Parameters
    ----------
    losses : ndarray of shape (n_rows, n_policies)
        At least one row; columns in the order of `standing.total`.
    quick : str
        The policy that learns a new truth soonest.

    Notes
    -----
    Two ways of choosing are followed. The steady one stays with a policy until another is surely ahead over all rounds;
    the nimble one takes the best of the last round. Which of them serves a stream depends on whether its rounds are
    like the one before, so the nimble one is used where it has lost less than the steady so far: follow the leader, of
    two (Cesa-Bianchi & Lugosi, Prediction, Learning, and Games, 2006, section 3.2). Rounds differ by more than their
    rows do, so what is sure is measured by the spread of the rounds.

    Write g_t for what nimble loses less than steady in round t, m for the largest |g_t|, and G_t for the sum of g_1 to
    g_t. Nimble answers round t + 1 where G_t passed the limit that `is_ahead` sets. From one turn to the next the sum
    goes from the limit to the limit, give or take m at either end: each time that either of the two is used, it loses
    at most 2 m, and by how much the limit moved, against the other.

    Where even the best policy surely lost more than `JUMP` times its usual in a round, the stream is another one: for
    the next round the quick one is used, and what is usual begins anew.
    """
    names, sums = list(standing.total), losses.sum(axis=0)
    rounds = (*standing.rounds, tuple(sums.tolist()))[-ROUNDS_MAX:]
    gains = standing.gains
    if standing.latest:
        gain = sums[names.index(standing.steady)] - sums[names.index(standing.latest)]
        gains = (*gains, float(gain))[-ROUNDS_MAX:]
    found = replace(
        standing,
        rows=standing.rows + len(losses),
        total={name: standing.total[name] + each for name, each in zip(names, sums.tolist(), strict=True)},
        rounds=rounds,
        gains=gains,
        levels=(*standing.levels, float(losses.mean(axis=0).min()))[-USUAL_ROUNDS[1] :],
        steady=_steady(standing.steady, rounds, names),
        latest=names[_least(sums)],
    )
    return _jumped(found, standing.levels, losses, quick) or _chosen(found)


def is_ahead(gains: Sequence[float], z: float) -> bool:
    """True where the sum of at least two gains is above 0 by more than `z` of its standard errors, sd * sqrt(n)."""
    if len(gains) < 2:
        return False
    return sum(gains) > z * float(np.std(gains, ddof=1)) * sqrt(len(gains))


def surely(losses: NDArray[np.float64]) -> float:
    """The mean less `Z` of its standard errors; 0 on less than `ROWS_MIN` rows."""
    if len(losses) < ROWS_MIN:
        return 0.0
    return float(losses.mean() - Z * losses.std(ddof=1) / len(losses) ** 0.5)


def _steady(steady: str, rounds: Sequence[Sequence[float]], names: list[str]) -> str:
    """The leader over the rounds where it is surely ahead of the steady one, else that."""
    sums = np.array(rounds)
    leader = _least(sums.sum(axis=0))
    return names[leader] if is_ahead(sums[:, names.index(steady)] - sums[:, leader], Z) else steady


def _chosen(found: Standing) -> Standing:
    if found.latest != found.steady and is_ahead(found.gains, PAID):
        reason = "it lost least in the last window, and to follow the last window has paid so far"
        return replace(found, chosen=found.latest, reason=reason)
    return replace(found, chosen=found.steady, reason="none lost surely less over all labels")


def _jumped(found: Standing, usual_levels: Sequence[float], losses: NDArray[np.float64], quick: str) -> Standing | None:
    """The standing after a jump; None where there was none."""
    usual = median(usual_levels) if len(usual_levels) >= USUAL_ROUNDS[0] else float("inf")
    least = losses[:, list(found.total).index(found.latest)]
    if surely(least) <= JUMP * usual:
        return None
    reason = f"every policy lost {least.mean():.4g} or more, where {usual:.4g} is usual: it learns soonest"
    return replace(found, levels=(), chosen=quick, reason=reason)


def _least(values: NDArray[np.float64]) -> int:
    """Position of the least; of equal ones the last, which learns most."""
    return len(values) - 1 - int(np.argmin(values[::-1]))
