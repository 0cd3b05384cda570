"""A batch against the champion's training data."""

import math
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from mlops_assets.drift.columns import numbers
from mlops_assets.drift.compare import Comparison, Evidence, compare_column
from mlops_assets.drift.holm import holm
from mlops_assets.drift.reference import Reference
from mlops_assets.drift.result import ColumnDrift, DriftReport, LossShift, ModelStatus, Status
from mlops_assets.drift.sketch import NumericSketch, Sketch
from mlops_assets.spec import DriftPolicy

__all__ = ["PREDICTION", "ColumnDrift", "DriftReport", "LossShift", "score_drift"]

PREDICTION = "prediction"  # name of the champion's answers among the columns of a report


def score_drift(
    reference: Reference,
    frame: pd.DataFrame,
    policy: DriftPolicy,
    predictions: NDArray[Any] | None = None,
    losses: NDArray[np.float64] | None = None,
) -> DriftReport:
    """Which columns of a batch differ from the reference, and whether the champion errs more than at training.

    Parameters
    ----------
    frame : accepted rows of the batch; a column of the reference that it lacks is undetermined
    predictions : shape (n_rows,), the champion's answers; scored as one more column, `PREDICTION`
    losses : shape (n_labelled,), the champion's loss on the rows that have a label; None or empty: no labels

    Notes
    -----
    A column brings one test of its values (Kolmogorov-Smirnov, or chi-square for categories) and, where something is
    missing on either side, one of its missing share. It drifts when one of them is significant at `policy.alpha` after
    Holm over all tests of the batch and an effect size that this very test guards exceeds its limit.

    The model drifts when the mean loss is significantly above the one at training (one-sided Welch test at
    `policy.alpha`; the reference brings its number of rows, mean and standard deviation) and at least
    `policy.loss_ratio` times as large.
    """
    small = len(frame) < policy.rows_min
    columns = () if small else _score_columns(list(_pairs(reference, frame, predictions)), policy)
    status: Status = "too_small" if small else "drift" if any(column.drifted for column in columns) else "no_drift"
    model_status, loss = _score_losses(reference.losses, losses, policy)
    return DriftReport(
        status=status,
        model_status=model_status,
        columns=columns,
        loss=loss,
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


def _score_losses(
    sketch: NumericSketch | None, losses: NDArray[np.float64] | None, policy: DriftPolicy
) -> tuple[ModelStatus, LossShift | None]:
    if sketch is None or sketch.mean is None or sketch.std is None or losses is None:
        return "no_labels", None
    known = numbers(losses)
    if len(known) == 0:
        return "no_labels", None
    n, mean, std = len(known), float(known.mean()), float(known.std())
    if n < policy.rows_min or sketch.n < policy.rows_min:
        return "too_small", None
    ratio = mean / sketch.mean if sketch.mean > 0 else math.inf if mean > 0 else 1.0
    p_value = _welch_p_value(sketch.mean, sketch.std, sketch.n, mean, std, n)
    shift = LossShift(sketch.mean, mean, ratio, p_value, n, policy.loss_ratio)
    return "drift" if p_value <= policy.alpha and ratio >= policy.loss_ratio.value else "no_drift", shift


def _welch_p_value(mean_a: float, std_a: float, n_a: int, mean_b: float, std_b: float, n_b: int) -> float:
    """One-sided p-value of mean b above mean a from standard deviations with ddof 0; Welch, Biometrika 34 (1947)."""
    var_a, var_b = std_a**2 / (n_a - 1), std_b**2 / (n_b - 1)
    if var_a + var_b == 0:
        return 0.0 if mean_b > mean_a else 1.0
    freedom = (var_a + var_b) ** 2 / (var_a**2 / (n_a - 1) + var_b**2 / (n_b - 1))
    return float(stats.t.sf((mean_b - mean_a) / math.sqrt(var_a + var_b), freedom))
