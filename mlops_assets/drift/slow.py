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
    """The slow drift after these batches, the last being the newest; None where no column has values enough in two.

    Parameters
    ----------
    rows_reference : how many rows of the reference have a value, by column
    alpha : chance of a false alarm at this batch

    Notes
    -----
    s = sum v_i d_i over the batches i in which the column has n_i values, with shifts d_i, weights v_i proportional to
    n_i 0.9^age and of sum 1. By chance its variance is sum v_i^2 / n_i + 1 / m: all batches are compared with the same
    m rows of the reference, whose error does not average out. The limit is that of one batch of 1 / sum(v_i^2 / n_i)
    rows.
    """
    recent = list(batches)[-BATCHES_MAX:]
    moves = {name: _weighted(recent, name) for name in recent[-1].shifts} if recent else {}
    moves = {
        name: move
        for name, move in moves.items()
        if move.batches >= BATCHES_MIN and move.rows >= (limits.rows_min or 0)
    }
    found = [
        SlowDrift(
            column=name,
            shift=move.shift,
            score=_digits(move, rows_reference[name]) - math.log10(2 * len(moves)),
            limit=limits.limit(move.rows, alpha),
            floor=floor,
            batches=move.batches,
        )
        for name, move in moves.items()
    ]
    return max(found, key=lambda one: (one.drifted, one.score - one.limit), default=None)


@dataclass(frozen=True)
class _Move:
    """The weighted mean shift of a column, the rows of one batch that would be as sure, and the batches behind it."""

    shift: float
    rows: float
    batches: int


def _weighted(recent: Sequence[Seen], name: str) -> _Move:
    known = [(age, one.shifts[name]) for age, one in enumerate(reversed(recent)) if name in one.shifts]
    values = np.array([shift.values for _, shift in known])
    weights = values * (1 - FORGOTTEN) ** np.array([age for age, _ in known])
    weights /= weights.sum()
    shift = float(weights @ [shift.mean for _, shift in known])
    return _Move(shift, 1 / float((weights**2 / values).sum()), len(known))


def _digits(move: _Move, rows_reference: float) -> float:
    return float(digits(np.array(abs(move.shift) / math.sqrt(1 / move.rows + 1 / rows_reference))))
