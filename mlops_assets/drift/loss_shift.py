"""The champion's loss on a batch against its loss at training."""

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from mlops_assets.drift.columns import numbers
from mlops_assets.drift.sketch import NumericSketch
from mlops_assets.spec import DriftPolicy, Limit

ModelStatus = Literal["drift", "no_drift", "too_small", "no_labels"]


@dataclass(frozen=True)
class LossShift:
    """The champion's mean loss on a batch against its mean loss at training; `ratio` is infinite where it had none."""

    mean_reference: float
    mean_current: float
    ratio: float
    p_value: float
    n_current: int
    limit: Limit

    def to_dict(self) -> dict[str, Any]:
        """Plain values; an infinite ratio becomes None."""
        return {
            "mean_reference": self.mean_reference,
            "mean_current": self.mean_current,
            "ratio": self.ratio if math.isfinite(self.ratio) else None,
            "p_value": self.p_value,
            "n_current": self.n_current,
            "limit": self.limit.model_dump(),
        }


def score_losses(
    sketch: NumericSketch | None, losses: NDArray[np.float64] | None, policy: DriftPolicy
) -> tuple[ModelStatus, LossShift | None]:
    """Whether the champion errs more on a batch than at training.

    Parameters
    ----------
    sketch : the champion's losses on rows it was not fitted on, None where the reference has none
    losses : shape (n_labelled,), its losses on the rows of the batch that have a label

    Notes
    -----
    The model drifts when the mean loss is significantly above the one at training (one-sided Welch test at
    `policy.alpha`; the reference brings its number of rows, mean and standard deviation) and at least
    `policy.loss_ratio` times as large.
    """
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
