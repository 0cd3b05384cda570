"""The leaderboard as a value: one row a candidate, also for those that failed or were not tried."""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from mlops_assets.spec_rules import METRICS

Status = Literal["ok", "failed", "skipped"]


@dataclass(frozen=True)
class Row:
    """One candidate's result.

    Attributes
    ----------
    scores : dict[str, tuple[float, ...]]
        Metric -> its value on each fold, in the metric's own direction; NaN where a fold cannot say. Empty unless `ok`.
    seconds : float
        Spent on fitting and scoring.
    request_ms : float
        Of one row, on the last fold; NaN unless `ok`.
    reason : str
        Why it failed or was skipped; empty when `ok`.
    """

    candidate: str
    family: str
    preprocessing: str
    status: Status
    scores: dict[str, tuple[float, ...]] = field(default_factory=dict)
    seconds: float = 0.0
    reason: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    request_ms: float = float("nan")

    def mean(self, metric: str) -> float:
        """Mean over the folds; NaN when there is none."""
        return float(np.mean(self.scores[metric])) if metric in self.scores else float("nan")

    def std(self, metric: str) -> float:
        """Standard deviation over the folds; NaN when there is none."""
        return float(np.std(self.scores[metric])) if metric in self.scores else float("nan")


@dataclass(frozen=True)
class Leaderboard:
    """Rows, best first by `metric`; then the failed and the skipped ones.

    Examples
    --------
    >>> far, near = {"mae": (3.0, 1.0)}, {"mae": (1.0, 1.0)}
    >>> board = Leaderboard.of([Row("a", "tree", "plain", "ok", far), Row("b", "tree", "plain", "ok", near)], "mae")
    >>> board.best.candidate, board.best.mean("mae")
    ('b', 1.0)
    """

    rows: tuple[Row, ...]
    metric: str

    @classmethod
    def of(cls, rows: list[Row], metric: str) -> "Leaderboard":
        """Rows in order."""
        return cls(tuple(sorted(rows, key=lambda row: _place(row, metric))), metric)

    @property
    def ok(self) -> tuple[Row, ...]:
        """Rows with a score, best first."""
        return tuple(row for row in self.rows if row.status == "ok")

    @property
    def best(self) -> Row:
        """The winner; raises IndexError on a board without a score."""
        return self.ok[0]

    def to_records(self) -> list[dict[str, Any]]:
        """One flat, JSON-ready mapping a row: mean and std of each metric, None where there is none."""
        return [_record(row, self.metric) for row in self.rows]


def _place(row: Row, metric: str) -> tuple[int, float]:
    if row.status != "ok":
        return (1 if row.status == "failed" else 2), 0.0
    return 0, -row.mean(metric) if METRICS[metric][1] else row.mean(metric)


def _record(row: Row, metric: str) -> dict[str, Any]:
    task = METRICS[metric][0]
    record: dict[str, Any] = {
        "candidate": row.candidate,
        "family": row.family,
        "preprocessing": row.preprocessing,
        "status": row.status,
    }
    for name in [name for name, (of, _) in METRICS.items() if of == task]:
        record[f"{name}_mean"] = _or_none(row.mean(name))
        record[f"{name}_std"] = _or_none(row.std(name))
    costs = {"request_ms": _or_none(round(row.request_ms, 3)), "seconds": round(row.seconds, 3)}
    return record | costs | {"reason": row.reason}


def _or_none(value: float) -> float | None:
    return value if np.isfinite(value) else None
