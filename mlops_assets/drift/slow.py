"""Slow drift: a weighted mean of the shifts of many batches, which sees what no single batch shows."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlops_assets.drift.history import Seen
from mlops_assets.drift.limits import Limits
from mlops_assets.drift.standard import digits

FORGOTTEN = 0.1  # of its weight a batch loses with each later one; Roberts, Technometrics 1 (1959)
BATCHES_MAX = 50  # older ones weigh less than half a per cent
BATCHES_MIN = 2


@dataclass(frozen=True)
class SlowDrift:
    """The column whose weighted mean moved most.

    shift : in reference standard deviations;  score, limit : digits, as for columns;  batches : that it rests on
    """

    column: str
    shift: float
    score: float
    limit: float
    floor: float
    batches: int

    @property
    def drifted(self) -> bool:
        """True where the shift is beyond chance and beyond its floor."""
        return self.score > self.limit and abs(self.shift) >= self.floor

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "column": self.column,
            "shift": self.shift,
            "score": self.score,
            "limit": self.limit,
            "floor": self.floor,
            "batches": self.batches,
            "drifted": self.drifted,
        }


def slow_drift(
    batches: Sequence[Seen], rows_reference: Mapping[str, float], limits: Limits, alpha: float, floor: float
) -> SlowDrift | None:
    """The slow drift after these batches, the last being the newest; None below two, or without a common column.

    Parameters
    ----------
    rows_reference : how many rows of the reference have a value, by column
    alpha : chance of a false alarm at this batch

    Notes
    -----
    s = sum v_i d_i over batches i with shifts d_i, weights v_i proportional to n_i 0.9^age and of sum 1. By chance its
    variance is sum v_i^2 / n_i + 1 / m: all batches are compared with the same m rows of the reference, whose error
    does not average out. The limit is that of one batch of 1 / sum(v_i^2 / n_i) rows.
    """
    recent = list(batches)[-BATCHES_MAX:]
    names = [name for name in recent[-1].shifts if all(name in one.shifts for one in recent)] if recent else []
    if len(recent) < BATCHES_MIN or not names:
        return None
    rows = np.array([one.rows for one in recent], dtype=np.float64)
    weights = rows * (1 - FORGOTTEN) ** np.arange(len(recent) - 1, -1, -1)
    weights /= weights.sum()
    effective = 1 / float((weights**2 / rows).sum())
    shifts = {name: float(weights @ [one.shifts[name] for one in recent]) for name in names}
    z = {name: abs(shifts[name]) / math.sqrt(1 / effective + 1 / rows_reference[name]) for name in names}
    worst = max(z, key=lambda name: z[name])
    score = float(digits(np.array(z[worst]))) - math.log10(2 * len(names))
    return SlowDrift(worst, shifts[worst], score, limits.limit(effective, alpha), floor, len(recent))
