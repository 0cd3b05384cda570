"""How the policies of a race stand, and which one's model is used next."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from math import sqrt
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

UNHEARD = "no label yet"
Z = 2.0  # standard errors by which a leader and a season have to be ahead, and by which a loss is surely high
PAID = 0.0  # of them for the last window, which most streams resemble: it is enough that to follow it has paid
LAGS = range(1, 13)  # how many windows ago a window may be that the next one is like: the months of a year
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
        Sums of the losses, in the order of `total`, of each of the last rounds of labels since a jump.
    steadies : tuple[str, ...]
        The steady policy as each of them came.
    steady : str
        The policy that is ahead over them.
    levels : tuple[float, ...]
        Mean loss of the best policy in each of the last rounds since a jump.
    chosen, reason : str
        Whose model is used next, and why.
    """

    rows: int
    total: dict[str, float]
    rounds: tuple[tuple[float, ...], ...]
    steadies: tuple[str, ...]
    steady: str
    levels: tuple[float, ...]
    chosen: str
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Standing":
        """The standing that `to_dict` wrote."""
        rounds = tuple(tuple(each) for each in values["rounds"])
        return cls(**{**values, "rounds": rounds, **{name: tuple(values[name]) for name in ("steadies", "levels")}})


def even(policies: list[str]) -> Standing:
    """Before the first label: the last of the policies, the one that learns most, is used."""
    return Standing(0, dict.fromkeys(policies, 0.0), (), (), policies[-1], (), policies[-1], UNHEARD)


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
    Several ways of choosing are followed. The steady one stays with a policy until another is surely ahead over all
    rounds; the others take the best of the last round, or of the round so many before, as in a season. What serves
    depends on what the stream's rounds are like, so of the ways that have lost less than the steady one so far the best
    is used: follow the leader (Cesa-Bianchi & Lugosi, Prediction, Learning, and Games, 2006, section 3.2), over ways in
    place of policies. A season has to be ahead by `Z` standard errors, since there are many to find by chance. Rounds
    differ by more than their rows do, so it is their spread that counts.

    Write g_t for what following the last round loses less than the steady way in round t, m for the largest |g_t|, and
    G_t for the sum of g_1 to g_t. Without a season, round t + 1 is answered so where G_t is above 0. From one turn to
    the next G goes from 0 to 0, give or take m at either end: each time that either of the two is used, it loses at
    most 2 m against the other.

    Where even the best policy surely lost more than `JUMP` times its usual in a round, what is known is about another
    stream: it begins anew, with the quick policy as the steady one.
    """
    names, sums = list(standing.total), losses.sum(axis=0)
    rounds = (*standing.rounds, tuple(sums.tolist()))[-ROUNDS_MAX:]
    found = replace(
        standing,
        rows=standing.rows + len(losses),
        total={name: standing.total[name] + each for name, each in zip(names, sums.tolist(), strict=True)},
        rounds=rounds,
        steadies=(*standing.steadies, standing.steady)[-ROUNDS_MAX:],
        steady=_steady(standing.steady, rounds, names),
        levels=(*standing.levels, float(losses.mean(axis=0).min()))[-USUAL_ROUNDS[1] :],
    )
    return _jumped(found, standing.levels, losses, quick) or _chosen(found)


def gains(standing: Standing, lag: int) -> list[float]:
    """What the best policy of the round `lag` before lost less than the steady one, in each round that has such."""
    names, rounds = list(standing.total), np.array(standing.rounds)
    return [
        float(now[names.index(steady)] - now[_least(before)])
        for before, now, steady in zip(rounds, rounds[lag:], standing.steadies[lag:], strict=False)
    ]


def is_ahead(gained: Sequence[float], z: float) -> bool:
    """True where the sum of at least two gains is above 0 by more than `z` of its standard errors, sd * sqrt(n)."""
    if len(gained) < 2:
        return False
    return sum(gained) > z * float(np.std(gained, ddof=1)) * sqrt(len(gained))


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
    """The steady policy, or that of the best of the ways that are ahead of it."""
    gained = {lag: gains(found, lag) for lag in LAGS}
    ahead = [lag for lag in LAGS if is_ahead(gained[lag], PAID if lag == 1 else Z)]
    if not ahead:
        return replace(found, chosen=found.steady, reason="none lost surely less over all labels")
    lag = max(ahead, key=lambda one: sum(gained[one]))
    chosen = list(found.total)[_least(np.array(found.rounds[-lag]))]
    when = "in the last window" if lag == 1 else f"{lag} windows ago"
    return replace(found, chosen=chosen, reason=f"it lost least {when}, and to follow that window has paid so far")


def _jumped(found: Standing, usual_levels: Sequence[float], losses: NDArray[np.float64], quick: str) -> Standing | None:
    """The standing after a jump; None where there was none."""
    usual = median(usual_levels) if len(usual_levels) >= USUAL_ROUNDS[0] else float("inf")
    least = losses[:, _least(losses.mean(axis=0))]
    if surely(least) <= JUMP * usual:
        return None
    reason = f"every policy lost {least.mean():.4g} or more, where {usual:.4g} is usual: it learns soonest"
    return replace(found, rounds=(), steadies=(), levels=(), steady=quick, chosen=quick, reason=reason)


def _least(values: NDArray[np.float64]) -> int:
    """Position of the least; of equal ones the last, which learns most."""
    return len(values) - 1 - int(np.argmin(values[::-1]))
