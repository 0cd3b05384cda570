"""What a comparison found, JSON-ready."""

from dataclasses import dataclass
from typing import Any, Literal

from mlops_assets.drift.metrics import MISSING
from mlops_assets.spec import Limit

Status = Literal["drift", "no_drift", "too_small"]


@dataclass(frozen=True)
class ColumnDrift:
    """One column: what was measured, what the test says, and why it drifted.

    `p_value` is the smallest of the column's tests, `p_adjusted` the smallest after Holm over all tests of the batch;
    both are None where nothing could be tested. A metric that is not defined (a constant reference has no standard
    deviation) is absent from `metrics`. `severity` is the largest metric over its limit.
    """

    name: str
    kind: Literal["numeric", "category"]
    metrics: dict[str, float]
    p_value: float | None
    p_adjusted: float | None
    drifted: bool
    reasons: tuple[str, ...]
    limits: dict[str, Limit]
    severity: float

    @property
    def undetermined(self) -> bool:
        """True where the values could not be compared and their missing share says nothing; `reasons` says why."""
        return not self.drifted and self.metrics.keys() <= MISSING.keys()

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "name": self.name,
            "kind": self.kind,
            "drifted": self.drifted,
            "undetermined": self.undetermined,
            "severity": self.severity,
            "p_value": self.p_value,
            "p_adjusted": self.p_adjusted,
            "metrics": self.metrics,
            "limits": {name: limit.model_dump() for name, limit in self.limits.items()},
            "reasons": list(self.reasons),
        }


@dataclass(frozen=True)
class DriftReport:
    """A batch against the reference: columns, worst first.

    Drifted columns come first, in each group those with the largest metric over its limit.
    """

    status: Status
    columns: tuple[ColumnDrift, ...]
    rows: int
    rows_reference: int
    rows_min: int
    alpha: float

    @property
    def drifted(self) -> tuple[str, ...]:
        """Names of the columns that drifted, worst first."""
        return tuple(column.name for column in self.columns if column.drifted)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, no NaN and no infinity among them."""
        return {
            "status": self.status,
            "rows": self.rows,
            "rows_reference": self.rows_reference,
            "rows_min": self.rows_min,
            "alpha": self.alpha,
            "drifted": list(self.drifted),
            "columns": [column.to_dict() for column in self.columns],
        }
