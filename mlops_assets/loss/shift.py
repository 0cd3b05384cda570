"""The champion's loss on its batches against its loss at training."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mlops_assets.loss.monitor import loss_evidence
from mlops_assets.loss.sketch import LossSketch, merged
from mlops_assets.spec import DriftPolicy, Limit

ModelStatus = Literal["drift", "no_drift", "no_labels", "seen"]
Z = 1.96  # of a 95 % interval


@dataclass(frozen=True)
class Excess:
    """Mean loss above the one at training, by its 95 % interval, over so many labelled rows."""

    estimate: float
    low: float
    high: float
    rows: int


@dataclass(frozen=True)
class LossShift:
    """The champion's mean loss on a batch, and since it rose if it did, against its mean loss at training.

    `ratio` is the batch's mean over that of training, infinite where there was none. `p_value` is valid at every look:
    the chance of so much evidence, ever in the champion's life, without a change. `since` counts the batches, this one
    among them, from the likeliest first of a change; `batch` and `changed` are the excess on this one and on them.
    """

    mean_reference: float
    mean_current: float
    ratio: float
    p_value: float
    n_current: int
    since: int
    batch: Excess
    changed: Excess
    alpha: float
    limit: Limit

    @property
    def ratio_since(self) -> float:
        """The mean loss since the likeliest change over the one at training."""
        return _ratio(self.mean_reference + self.changed.estimate, self.mean_reference)

    @property
    def drifted(self) -> bool:
        """True where the evidence is as strong as promised and the effect as large as counts."""
        return self.p_value <= self.alpha and self.ratio_since >= self.limit.value

    def to_dict(self) -> dict[str, Any]:
        """Plain values; an infinite ratio becomes None."""
        return {
            "mean_reference": self.mean_reference,
            "mean_current": self.mean_current,
            "ratio": self.ratio if math.isfinite(self.ratio) else None,
            "p_value": self.p_value,
            "n_current": self.n_current,
            "since": self.since,
            "batch": vars(self.batch),
            "changed": vars(self.changed),
            "alpha": self.alpha,
            "limit": self.limit.model_dump(),
        }


def score_losses(
    reference: LossSketch, batches: Sequence[LossSketch], policy: DriftPolicy, two_points: bool = False
) -> LossShift:
    """Whether the champion errs more than at training, seen after the last of at least one batch.

    Parameters
    ----------
    reference : losses on rows it was not fitted on
    batches : losses of every labelled batch of its life, in the order in which they were scored, each batch once
    two_points : True for zero-one losses

    Notes
    -----
    It does where `loss_evidence` refutes "all have one mean" at `policy.loss_alpha` over the champion's whole life, and
    the mean loss since the likeliest first batch of a change is at least `policy.loss_ratio` times the reference's.
    """
    evidence, last = loss_evidence(reference, batches, two_points), batches[-1]
    return LossShift(
        mean_reference=reference.mean,
        mean_current=last.mean,
        ratio=_ratio(last.mean, reference.mean),
        p_value=evidence.p_value,
        n_current=last.n,
        since=len(batches) - evidence.since,
        batch=excess_over(reference, last),
        changed=excess_over(reference, merged(batches[evidence.since :])),
        alpha=policy.loss_alpha,
        limit=policy.loss_ratio,
    )


def excess_over(reference: LossSketch, losses: LossSketch) -> Excess:
    """The mean of `losses` above the reference's, with the error of both sides (Welch, Biometrika 34, 1947).

    For one look, not for many; the large-sample interval, with one row more than there are at either mean, so that a
    side without a single error is not without doubt.
    """
    estimate = losses.mean - reference.mean
    pooled = merged([reference, losses]).std ** 2
    error = math.sqrt(sum((side.std**2 + pooled / side.n) / side.n for side in (reference, losses)))
    return Excess(estimate, estimate - Z * error, estimate + Z * error, losses.n)


def _ratio(mean: float, reference: float) -> float:
    if reference > 0:
        return mean / reference
    return math.inf if mean > 0 else 1.0
