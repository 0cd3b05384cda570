"""What a batch says about the champion itself: its loss where there are labels, an estimate where there are none."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops_assets.loss.estimate import Check, LossEstimate, check_estimate, estimate_loss
from mlops_assets.loss.profile import Answers, LossProfile
from mlops_assets.loss.shift import LossShift, ModelStatus, score_losses
from mlops_assets.loss.sketch import LossSketch, sketch_losses
from mlops_assets.spec import DriftPolicy

CHECKS = 4  # labelled batches, the newest, that an estimate is checked against


@dataclass(frozen=True)
class LossHistory:
    """Losses of a champion's earlier labelled batches in the order of scoring, and what was estimated beside them."""

    losses: Sequence[LossSketch] = ()
    checks: Sequence[Check] = ()


@dataclass(frozen=True, eq=False)
class ModelReport:
    """The champion's loss on a batch.

    Attributes
    ----------
    status : 'drift' | 'no_drift' | 'no_labels' | 'seen'
        Whether it errs more than at training; 'seen': it was trained on this batch, which says nothing.
    loss : LossShift or None
    estimate : LossEstimate or None
        Over all rows, labelled or not.
    losses, check
        What later batches need to know of this one, None without labels.
    note : str
        Why there is neither loss nor estimate; empty where there is one.
    """

    status: ModelStatus
    loss: LossShift | None = None
    estimate: LossEstimate | None = None
    losses: LossSketch | None = None
    check: Check | None = None
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "status": self.status,
            "loss": None if self.loss is None else self.loss.to_dict(),
            "estimate": None if self.estimate is None else self.estimate.to_dict(),
            "note": self.note,
        }


SEEN = ModelReport("seen", note="the champion was trained on this batch")
WITHOUT_PROFILE = ModelReport(
    "no_labels", note="this version was registered without its losses on held-out rows; the next one brings them"
)


def score_model(
    profile: LossProfile,
    X: pd.DataFrame,
    answers: Answers,
    labelled: NDArray[np.bool_],
    losses: NDArray[np.float64],
    history: LossHistory,
    policy: DriftPolicy,
) -> ModelReport:
    """The report about a batch that the champion was not trained on.

    Parameters
    ----------
    X : shape (n_rows, n_features), at least one row
    labelled : shape (n_rows,), True where the truth is known
    losses : shape (n_labelled,), on those rows, by the loss and up to the largest loss of the profile
    """
    estimate = estimate_loss(profile, X, answers, history.checks[-CHECKS:], policy.loss_ratio.value)
    if not labelled.any():
        return ModelReport("no_labels", estimate=estimate)
    sketch = sketch_losses(losses, profile.held_out.loss_max)
    shift = score_losses(profile.held_out, [*history.losses, sketch], policy, two_points=profile.loss == "zero_one")
    return ModelReport(
        status="drift" if shift.drifted else "no_drift",
        loss=shift,
        estimate=estimate,
        losses=sketch,
        check=check_estimate(profile, X[labelled], answers.of(labelled), losses),
    )
