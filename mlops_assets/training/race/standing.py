"""How the policies of a race stand, and which one's model is used next."""

from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

UNHEARD = "no label yet"
Z = 2.0  # standard errors by which the last window has to contradict the leader
ROWS_MIN = 30  # rows of a window from which it may
JUMP = 2.0  # times the usual loss of the best policy: then the stream is another one
USUAL_ROUNDS = (4, 20)  # rounds that say what is usual: at least, at most


@dataclass(frozen=True)
class Standing:
    """What is known of the policies from labels so far.

    Attributes
    ----------
    rows : int
        Rows with a known loss, since the last jump.
    total : dict[str, float]
        Policy -> sum of its losses on them.
    levels : tuple[float, ...]
        Mean loss of the best policy in each of the last rounds of labels since the jump.
    chosen, reason : str
        Whose model is used next, and why.
    """

    rows: int
    total: dict[str, float]
    levels: tuple[float, ...]
    chosen: str
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Standing":
        """The standing that `to_dict` wrote."""
        return cls(**{**values, "levels": tuple(values["levels"])})


def even(policies: list[str]) -> Standing:
    """Before the first label: the last of the policies, the one that learns most, is used."""
    return Standing(0, dict.fromkeys(policies, 0.0), (), policies[-1], UNHEARD)


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
    The leader over all labels is used, which is follow the leader (Cesa-Bianchi & Lugosi, Prediction, Learning, and
    Games, 2006, section 3.2), with two exceptions. Where the last round contradicts it, the leader of that round is:
    by more than `Z` standard errors of the paired difference, and on `ROWS_MIN` rows at least. Where even the best
    policy surely lost more than `JUMP` times its usual in that round, the records are about another stream: they begin
    anew, and the quick one is used.

    Write d_t for the largest change from round t-1 to t of the difference between two policies' mean losses, and e_t
    for the standard error of the paired difference in round t-1. Without a jump the choice was at most Z e_t worse than
    any other policy in round t-1, so it is at most Z e_t + d_t worse in round t: against every policy, even one that
    changes from round to round, the regret is at most the sum of Z e_t + d_t (rounds of less than `ROWS_MIN` rows, and
    jumps, cost at most the spread of their losses).
    """
    means, names = losses.mean(axis=0), list(standing.total)
    total = {name: standing.total[name] + float(each) for name, each in zip(names, losses.sum(axis=0), strict=True)}
    level = float(means.min())
    levels = (*standing.levels, level)[-USUAL_ROUNDS[1] :]
    leader, latest = _least(np.array(list(total.values()))), _least(means)
    chosen, reason = names[leader], "it lost least over all labels"
    if (z := contradiction(losses, leader, latest)) > Z:
        chosen, reason = names[latest], f"it lost less than {chosen} in the last window, by {z:.1f} standard errors"
    usual = median(standing.levels) if len(standing.levels) >= USUAL_ROUNDS[0] else float("inf")
    if surely(losses[:, latest]) > JUMP * usual:
        reason = f"every policy lost {level:.4g} or more, where {usual:.4g} is usual: it learns soonest"
        return Standing(0, dict.fromkeys(names, 0.0), (), quick, reason)
    return Standing(standing.rows + len(losses), total, levels, chosen, reason)


def contradiction(losses: NDArray[np.float64], leader: int, latest: int) -> float:
    """Standard errors by which one column's mean is below another's on paired rows; 0 where they are too few."""
    excess = losses[:, leader] - losses[:, latest]
    if len(excess) < ROWS_MIN or leader == latest:
        return 0.0
    error = float(excess.std(ddof=1)) / len(excess) ** 0.5
    return float(excess.mean()) / error if error > 0 else 0.0


def surely(losses: NDArray[np.float64]) -> float:
    """The mean less `Z` of its standard errors; 0 on less than `ROWS_MIN` rows."""
    if len(losses) < ROWS_MIN:
        return 0.0
    return float(losses.mean() - Z * losses.std(ddof=1) / len(losses) ** 0.5)


def _least(values: NDArray[np.float64]) -> int:
    """Position of the least; of equal ones the last, which learns most."""
    return len(values) - 1 - int(np.argmin(values[::-1]))
