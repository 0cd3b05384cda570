"""A batch against the champion's training data."""

import math
import sys
from collections.abc import Iterator
from typing import Any

import pandas as pd
from numpy.typing import NDArray

from mlops_assets.drift.compare import Comparison, Evidence, compare_column
from mlops_assets.drift.holm import holm
from mlops_assets.drift.reference import Reference
from mlops_assets.drift.result import ColumnDrift, DriftReport, Status
from mlops_assets.drift.sketch import NumericSketch, Sketch
from mlops_assets.spec import DriftPolicy

__all__ = ["PREDICTION", "ColumnDrift", "DriftReport", "score_drift"]

PREDICTION = "prediction"  # name of the champion's answers among the columns of a report


def score_drift(
    reference: Reference,
    frame: pd.DataFrame,
    policy: DriftPolicy,
    predictions: NDArray[Any] | None = None,
) -> DriftReport:
    """Which columns of a batch differ from the reference.

    Parameters
    ----------
    frame : accepted rows of the batch; a column of the reference that it lacks is undetermined
    predictions : shape (n_rows,), the champion's answers; scored as one more column, `PREDICTION`

    Notes
    -----
    A column brings one test of its values (Kolmogorov-Smirnov, or chi-square for categories) and, where something is
    missing on either side, one of its missing share. It drifts when one of them is significant at `policy.alpha` after
    Holm over all tests of the batch and an effect size that this very test guards exceeds its limit.
    """
    small = len(frame) < policy.rows_min
    columns = () if small else _score_columns(list(_pairs(reference, frame, predictions)), policy)
    status: Status = "too_small" if small else "drift" if any(column.drifted for column in columns) else "no_drift"
    return DriftReport(
        status=status,
        columns=columns,
        rows=len(frame),
        rows_reference=reference.rows,
        rows_min=policy.rows_min,
        alpha=policy.alpha,
    )


def _pairs(reference: Reference, frame: pd.DataFrame, predictions: Any) -> Iterator[tuple[str, Sketch, Any]]:
    """Name, sketch and the batch's values (None where it has none) of each column."""
    for name, sketch in reference.columns.items():
        yield name, sketch, frame[sketch.source] if sketch.source in frame.columns else None
    if reference.prediction is not None and predictions is not None:
        yield PREDICTION, reference.prediction, predictions


def _score_columns(pairs: list[tuple[str, Sketch, Any]], policy: DriftPolicy) -> tuple[ColumnDrift, ...]:
    compared = [
        Comparison((), ("undetermined: the batch lacks this column",))
        if values is None
        else compare_column(sketch, values, policy)
        for _, sketch, values in pairs
    ]
    adjusted = iter(holm([evidence.p_value for one in compared for evidence in one.evidence]))
    scored = [
        _scored(name, sketch, one, [next(adjusted) for _ in one.evidence], policy.alpha)
        for (name, sketch, _), one in zip(pairs, compared, strict=True)
    ]
    return tuple(sorted(scored, key=lambda column: (not column.drifted, -column.severity)))


def _scored(name: str, sketch: Sketch, compared: Comparison, adjusted: list[float], alpha: float) -> ColumnDrift:
    pairs = list(zip(compared.evidence, adjusted, strict=True))
    ratios = [ratio for evidence, _ in pairs for ratio in _over_limits(evidence).values()]
    reasons = [
        f"{metric} {evidence.effects[metric]:.3g} exceeds {evidence.limits[metric].value:g}"
        for evidence, p_adjusted in pairs
        for metric, ratio in _over_limits(evidence).items()
        if ratio > 1 and p_adjusted <= alpha
    ]
    return ColumnDrift(
        name=name,
        kind="numeric" if isinstance(sketch, NumericSketch) else "category",
        metrics={metric: value for one, _ in pairs for metric, value in one.effects.items() if math.isfinite(value)},
        p_value=min((evidence.p_value for evidence, _ in pairs), default=None),
        p_adjusted=min(adjusted, default=None),
        drifted=bool(reasons),
        reasons=(*reasons, *compared.notes),
        limits={metric: limit for evidence, _ in pairs for metric, limit in evidence.limits.items()},
        severity=max(ratios, default=0.0),
    )


def _over_limits(evidence: Evidence) -> dict[str, float]:
    """Each limited effect size over its limit; the ones that are not defined are absent."""
    ratios = {metric: evidence.effects[metric] / limit.value for metric, limit in evidence.limits.items()}
    return {metric: min(ratio, sys.float_info.max) for metric, ratio in ratios.items() if not math.isnan(ratio)}
