"""The champion's loss on rows without labels, estimated; or the reason it cannot be said.

Classification: the probabilities of the answers, calibrated on held-out rows, say how many of them are wrong
(NannyML's CBPE). Regression: a model of the loss, fitted on held-out rows, says how large the errors are (NannyML's
DLE). Both hold while the concept stays: where rows that look the same have another truth now, no estimate without
labels can see it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mlops_assets.loss.cells import likeness
from mlops_assets.loss.profile import Answers, LossProfile
from mlops_assets.loss.strata import expected_loss

Z = 1.96  # of a 95 % interval
OUTSIDE_MAX = 0.05  # one row in twenty has a value beyond all that training had
WORTH_MIN = 30.0  # held-out rows that look like the batch; with fewer the central limit theorem is a rumour
MISSED_Z = 3.0  # standard errors by which earlier estimates may have missed the truth


@dataclass(frozen=True)
class LossEstimate:
    """Expected mean loss of `rows` with its 95 % interval, and its excess over the loss at training with its own.

    `doubts` says why none of it can be relied on; empty where it can. `worth` is how many of the held-out rows look
    like the batch: both intervals are wider by the square root of what it is short of all of them.
    """

    mean: float
    low: float
    high: float
    excess: float
    excess_low: float
    excess_high: float
    worth: float
    doubts: tuple[str, ...]
    rows: int

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {**vars(self), "doubts": list(self.doubts)}


@dataclass(frozen=True)
class Check:
    """An earlier estimate beside the truth: both mean losses over the same `rows`, each with its standard error."""

    rows: int
    estimate: float
    estimate_error: float
    truth: float
    truth_error: float


def estimate_loss(
    profile: LossProfile, X: pd.DataFrame, answers: Answers, checks: Sequence[Check] = (), ratio_min: float = 1.0
) -> LossEstimate:
    """The champion's loss on a batch, from what its rows and its answers look like.

    Parameters
    ----------
    X : shape (n_rows, n_features), at least one row
    checks : what earlier estimates of this champion said, and the truth
    ratio_min : a loss this many times the one at training is the least that counts; smaller misses are no doubt
    """
    expected = expected_loss(profile.strata, profile.risk(X, answers))
    worth = profile.held_out.n * min(
        (likeness(cells, cells.place(X[name])) for name, cells in profile.columns.items()), default=1.0
    )
    wider = Z * math.sqrt(profile.held_out.n / worth)
    return LossEstimate(
        mean=expected.mean,
        low=max(0.0, expected.mean - wider * expected.mean_error),
        high=min(profile.held_out.loss_max, expected.mean + wider * expected.mean_error),
        excess=expected.excess,
        excess_low=expected.excess - wider * expected.excess_error,
        excess_high=expected.excess + wider * expected.excess_error,
        worth=worth,
        doubts=(*_support(profile, X, worth), *_missed(checks, (ratio_min - 1) * profile.held_out.mean)),
        rows=len(X),
    )


def check_estimate(profile: LossProfile, X: pd.DataFrame, answers: Answers, losses: Any) -> Check:
    """The estimate beside the truth, over rows whose losses are known."""
    expected, known = expected_loss(profile.strata, profile.risk(X, answers)), np.asarray(losses, dtype=np.float64)
    error = float(known.std()) / math.sqrt(len(known))
    return Check(len(known), expected.mean, expected.mean_error, float(known.mean()), error)


def _support(profile: LossProfile, X: pd.DataFrame, worth: float) -> list[str]:
    """Why the batch does not look like what training knew."""
    outside = np.zeros(len(X), dtype=bool)
    most = ("", 0.0)
    for name, cells in profile.columns.items():
        here = cells.outside(X[name])
        outside |= here
        most = max(most, (name, float(here.mean())), key=lambda one: one[1])
    found = []
    if outside.mean() > OUTSIDE_MAX:
        found.append(
            f"{outside.mean():.0%} of the rows have values beyond all that training had, most of all in {most[0]}"
        )
    if worth < WORTH_MIN:
        found.append(f"only {worth:.0f} of {profile.held_out.n:,} held-out rows look like this batch")
    return found


def _missed(checks: Sequence[Check], counts: float) -> list[str]:
    """Whether earlier estimates missed the truth by more than chance and by what counts."""
    rows = sum(check.rows for check in checks)
    if rows == 0:
        return []
    miss = sum(check.rows * (check.truth - check.estimate) for check in checks) / rows
    # Estimates of one champion share their held-out rows, so their errors add up; those of the truths do not.
    shared = sum(check.rows * check.estimate_error for check in checks) / rows
    own = math.sqrt(sum((check.rows * check.truth_error) ** 2 for check in checks)) / rows
    if abs(miss) <= max(counts, MISSED_Z * math.hypot(shared, own)):
        return []
    return [f"the last estimates missed the truth by {miss:+.3g} on {rows:,} labelled rows"]
