"""The leaderboard as a value: one row a candidate, also for those that failed or were not tried."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from mlops_assets.spec.tables import METRICS

Status = Literal["ok", "failed", "skipped"]


@dataclass(frozen=True)
class Row:
    """One candidate's result.

    Attributes
    ----------
    scores : dict[str, tuple[float, ...]]
        Metric -> its value on each fold, in the metric's own direction; NaN where a fold cannot say. Empty unless `ok`.
        A costly candidate has one value, that of the last fold.
    seconds : float
        Spent on fitting and scoring.
    request_ms : float
        Of one row, on the last fold; NaN unless `ok`.
    reason : str
        Why it failed or was skipped; when `ok`, what is special about its score, or empty.
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
        rival = _rival(rows, metric)
        return cls(tuple(sorted(rows, key=lambda row: _place(row, metric, rival))), metric)

    @property
    def ok(self) -> tuple[Row, ...]:
        """Rows with a score, best first."""
        return tuple(row for row in self.rows if row.status == "ok")

    @property
    def best(self) -> Row:
        """The winner; raises IndexError on a board without a score."""
        return self.ok[0]

    def level(self, row: Row) -> float:
        """The row's mean over all folds; of one that was scored on the last fold alone, what that promises for all.

        The promise is the mean of the best row that saw all folds, moved by how far apart the two are on the last
        fold: folds differ in how hard they are.

        Examples
        --------
        >>> all_folds, last_fold = {"mae": (1.0, 1.0, 1.6)}, {"mae": (1.3,)}
        >>> rows = [Row("a", "tree", "plain", "ok", all_folds), Row("b", "bert", "own", "ok", last_fold)]
        >>> board = Leaderboard.of(rows, "mae")
        >>> board.best.candidate, round(board.level(board.best), 2)
        ('b', 0.9)
        """
        return _level(row, self.metric, _rival(self.rows, self.metric))

    def to_records(self) -> list[dict[str, Any]]:
        """One flat, JSON-ready mapping a row: mean and std of each metric, None where there is none."""
        return [_record(row, self.metric) for row in self.rows]


def _rival(rows: Sequence[Row], metric: str) -> Row | None:
    """The best of the rows that saw all folds."""
    ok = [row for row in rows if row.status == "ok"]
    folds = max((len(row.scores[metric]) for row in ok), default=0)
    sign = -1.0 if METRICS[metric][1] else 1.0
    return min(
        (row for row in ok if len(row.scores[metric]) == folds), key=lambda row: sign * row.mean(metric), default=None
    )


def _level(row: Row, metric: str, rival: Row | None) -> float:
    if rival is None or len(row.scores[metric]) == len(rival.scores[metric]):
        return row.mean(metric)
    return rival.mean(metric) + row.scores[metric][-1] - rival.scores[metric][-1]


def _place(row: Row, metric: str, rival: Row | None) -> tuple[int, float]:
    if row.status != "ok":
        return (1 if row.status == "failed" else 2), 0.0
    level = _level(row, metric, rival)
    return 0, -level if METRICS[metric][1] else level


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
