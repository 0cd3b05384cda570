"""What a comparison found, JSON-ready."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from mlops_assets.drift.history import Shift
from mlops_assets.drift.metrics import MISSING
from mlops_assets.drift.slow import SlowDrift

Status = Literal["drift", "no_drift", "too_small"]


@dataclass(frozen=True)
class ColumnDrift:
    """One column: what was measured, how surprising it is, and why it drifted.

    `score` is the column's largest one, in digits: 3 = one in a thousand by chance, allowing for all looks; `limit` is
    what a batch reaches by chance. A column of `alarms` False warns and never drifts: the champion does not use it, or
    it says where in a calendar a row lies. A metric that is not defined (a constant reference has no standard
    deviation) is absent from `metrics`.
    """

    name: str
    kind: Literal["numeric", "category", "joint"]
    metrics: Mapping[str, float]
    score: float
    limit: float
    beyond: bool
    reasons: tuple[str, ...]
    alarms: bool = True

    @property
    def drifted(self) -> bool:
        """True where a score is beyond its limit, its effect beyond its floor, and the column may alarm."""
        return self.beyond and self.alarms

    @property
    def warned(self) -> bool:
        """True where the same holds of a column that may not."""
        return self.beyond and not self.alarms

    @property
    def severity(self) -> float:
        """The score over its limit."""
        return self.score / self.limit if self.limit > 0 else 0.0

    @property
    def undetermined(self) -> bool:
        """True where the values could not be compared and their missing share says nothing; `reasons` says why."""
        return not self.beyond and self.metrics.keys() <= MISSING.keys()

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "name": self.name,
            "kind": self.kind,
            "drifted": self.drifted,
            "warned": self.warned,
            "undetermined": self.undetermined,
            "score": self.score,
            "limit": self.limit,
            "metrics": dict(self.metrics),
            "reasons": list(self.reasons),
        }


@dataclass(frozen=True)
class Promise:
    """What was promised about false alarms over a champion's life, and how many alarms there were.

    alpha : chance that data without drift ever raises one;  number : of this batch;  spent : the chance that it has
    until now, this batch included;  alarms : batches that drifted, this one included
    """

    alpha: float
    number: int
    spent: float
    alarms: int

    @property
    def observed(self) -> float:
        """Share of the batches that drifted."""
        return self.alarms / self.number


@dataclass(frozen=True)
class DriftReport:
    """A batch against the reference: columns, worst first.

    Drifted columns come first, then those with the largest score over its limit. `slow` is what accumulated over
    batches, `promise` the budget of false alarms, both None where the batch was too small. `shifts`: by numeric column
    the shift of its mean, which later batches add to theirs.
    """

    status: Status
    columns: tuple[ColumnDrift, ...]
    rows: int
    rows_reference: int
    rows_min: int
    slow: SlowDrift | None = None
    promise: Promise | None = None
    shifts: Mapping[str, Shift] = field(default_factory=dict)

    @property
    def worst_column(self) -> str | None:
        """The column that drifted most, or came closest to it; None where the batch was too small."""
        if self.slow is not None and self.slow.drifted and not self.drifted:
            return self.slow.column
        return self.columns[0].name if self.columns else None

    @property
    def drifted(self) -> tuple[str, ...]:
        """Names of the columns that drifted, worst first."""
        return tuple(column.name for column in self.columns if column.drifted)

    @property
    def warned(self) -> tuple[str, ...]:
        """Names of the columns that moved and may not alarm."""
        return tuple(column.name for column in self.columns if column.warned)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, no NaN and no infinity among them."""
        return {
            "status": self.status,
            "rows": self.rows,
            "rows_reference": self.rows_reference,
            "rows_min": self.rows_min,
            "drifted": list(self.drifted),
            "warned": list(self.warned),
            "promise": None if self.promise is None else asdict(self.promise) | {"observed": self.promise.observed},
            "slow": None if self.slow is None else self.slow.to_dict(),
            "columns": [column.to_dict() for column in self.columns],
        }
