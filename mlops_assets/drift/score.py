"""A batch against the champion's training data."""

from typing import Any

import pandas as pd
from numpy.typing import NDArray

from mlops_assets.drift.budget import alpha_of, spent, split
from mlops_assets.drift.codes import NumericCoding
from mlops_assets.drift.findings import TOGETHER, Finding
from mlops_assets.drift.history import History, Seen
from mlops_assets.drift.reading import Reading, read_batch
from mlops_assets.drift.reference import PREDICTION, Reference
from mlops_assets.drift.result import ColumnDrift, DriftReport, Promise, Status
from mlops_assets.drift.slow import SlowDrift, slow_drift
from mlops_assets.drift.wording import reason
from mlops_assets.spec import DriftPolicy

__all__ = ["PREDICTION", "TOGETHER", "ColumnDrift", "DriftReport", "score_drift"]

FIRST = History()


def score_drift(
    reference: Reference,
    frame: pd.DataFrame,
    policy: DriftPolicy,
    predictions: NDArray[Any] | None = None,
    history: History = FIRST,
) -> DriftReport:
    """Which columns of a batch differ from the reference, by themselves or together.

    Parameters
    ----------
    frame : accepted rows of the batch; a column of the reference that it lacks is undetermined
    predictions : shape (n_rows,), the champion's answers; scored as one more column, `PREDICTION`
    history : what was scored for this champion before

    Notes
    -----
    Every score is a z on one scale (`drift.evidence`), in digits after the cost of all looks (`drift.groups`). A batch
    drifts when its largest score exceeds the limit that `drift.calibration` learned from batches drawn from the
    reference, at the chance that `drift.budget` grants to this batch, and the effect is not below its floor; or when
    what accumulates over batches does (`drift.slow`).
    """
    rows, calibrated = len(frame), reference.limits.rows_min
    rows_min = policy.rows_min if calibrated is None else max(policy.rows_min, calibrated)
    if calibrated is None or rows < rows_min:
        return DriftReport("too_small", (), rows, reference.rows, rows_min)
    number, (batch_alpha, slow_alpha) = history.number, split(policy.alpha)
    reading = read_batch(reference, frame, predictions)
    columns = _judge(reference, reading, reference.limits.limit(rows, alpha_of(number, batch_alpha)), policy)
    slow = _accumulated(reference, (*history.recent, Seen(reading.shifts)), alpha_of(number, slow_alpha), policy)
    drifted = any(column.drifted for column in columns) or (slow is not None and slow.drifted)
    status: Status = "drift" if drifted else "no_drift"
    promise = Promise(policy.alpha, number, spent(number, policy.alpha), history.alarms + drifted)
    return DriftReport(status, columns, rows, reference.rows, rows_min, slow, promise, dict(reading.shifts))


def _judge(reference: Reference, reading: Reading, limit: float, policy: DriftPolicy) -> tuple[ColumnDrift, ...]:
    """Every column with its verdict: drifted ones first, what moved together after what moved by itself."""
    by_column: dict[str, list[Finding]] = {name: [] for name in reading.compared}
    for finding in reading.findings:
        by_column.setdefault(finding.column, []).append(finding)
    columns = [_column(reference, reading, name, found, limit, policy) for name, found in by_column.items()]
    return tuple(sorted(columns, key=lambda one: (not one.drifted, not one.warned, one.kind == "joint", -one.score)))


def _column(
    reference: Reference, reading: Reading, name: str, findings: list[Finding], limit: float, policy: DriftPolicy
) -> ColumnDrift:
    beyond = [one for one in findings if one.score > limit and abs(one.effect) >= policy.floors.of(one.kind)]
    compared = reading.compared.get(name)
    reasons = [reason(one) for one in sorted(beyond, key=lambda one: -one.score)]
    return ColumnDrift(
        name=name,
        kind="joint" if compared is None else _kind(reference, name),
        metrics=dict(reading.joint if compared is None else compared.metrics),
        score=max((0.0, *(one.score for one in findings))),
        limit=limit,
        beyond=bool(beyond),
        reasons=(*reasons, *(() if compared is None else compared.notes)),
        alarms=name not in reference.aside.codings,
    )


def _kind(reference: Reference, name: str) -> Any:
    tables = (reference.table, reference.aside, reference.predicted)
    coding = next(table.codings[name] for table in tables if name in table.codings)
    return "numeric" if isinstance(coding, NumericCoding) else "category"


def _accumulated(
    reference: Reference, batches: tuple[Seen, ...], alpha: float, policy: DriftPolicy
) -> SlowDrift | None:
    tables = [source for name, source in reference.sources.items() if name != "aside"]
    rows = {name: present for source in tables for name, present in source.present.items()}
    return slow_drift(batches, rows, reference.limits, alpha, policy.floors.of("shift"))
