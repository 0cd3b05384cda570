"""What keeping the champion costs: its loss above the one at training, and whether that is proven."""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Literal, Self

from mlops_assets.spec import RetrainPolicy

if TYPE_CHECKING:
    from mlops_assets.loss.model_report import ModelReport
    from mlops_assets.loss.shift import Excess, LossShift

LOOKS_ALPHA = 0.05  # chance that looks at drifted batches ever prove harm that is not there, in a champion's life
NORMAL = NormalDist()

Source = Literal["labels", "estimate", "unknown"]


@dataclass(frozen=True)
class Harm:
    """Mean loss a row above the one at training with its 95 % interval, None where nobody can say; and where from.

    `mean` is the loss itself, over the same `rows`; `unit` is what it is counted in (`Decision.unit`), None in harm
    that was kept before units were.
    `proven` says that it is there, by more than chance; whether it counts is for `is_harmful`.
    """

    source: Source
    proven: bool
    reason: str
    excess: float | None = None
    low: float | None = None
    high: float | None = None
    mean: float | None = None
    rows: int | None = None
    unit: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return dict(vars(self))

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """The harm that `to_dict` wrote."""
        return cls(**values)


def find_harm(model: "ModelReport", drifted: int, rows_min: int) -> Harm:
    """The harm that a batch shows.

    Parameters
    ----------
    drifted : how many batches of this champion alarmed by their columns, with this one; 0 where this one did not
    rows_min : labelled rows from which on they are believed rather than the estimate

    Notes
    -----
    An alarm of the loss monitor proves it, at a rate kept over the champion's life. A batch whose columns alarmed is
    looked at once more, by its own excess: by its labels where there are enough, else by the estimate. The k-th such
    look of a champion may err with a chance of 6 / (pi k)**2 * `LOOKS_ALPHA`, which sums to `LOOKS_ALPHA`, so that
    drift that stays without harm does not prove harm by the number of its batches.
    """
    loss, estimate = model.loss, model.estimate
    if loss is not None and loss.p_value <= loss.alpha:
        return _known(loss, loss.changed, True, f"labels of {loss.since} batch(es), at any time")
    if loss is not None and loss.n_current >= rows_min:
        batch = loss.batch
        proven = is_proven(batch.estimate, batch.low, batch.high, drifted)
        return _known(loss, batch, proven, f"{loss.n_current:,} labels of this batch")
    if estimate is None:
        return Harm("unknown", False, model.note)
    if estimate.doubts:
        return Harm("unknown", False, "; ".join(estimate.doubts))
    interval = estimate.excess, estimate.excess_low, estimate.excess_high
    proven = is_proven(*interval, drifted)
    return Harm("estimate", proven, "estimated without labels", *interval, mean=estimate.mean, rows=estimate.rows)


def expected_gain(harm: Harm, policy: RetrainPolicy) -> float:
    """Loss that a retrain wins back over the policy's horizon, if it brings the loss at training back; 0 if unknown."""
    return 0.0 if harm.excess is None else harm.excess * policy.horizon_rows


def is_harmful(harm: Harm | None, policy: RetrainPolicy, ratio_min: float) -> bool:
    """True where harm is proven and counts: a retrain wins back more than it costs, or the loss rose by `ratio_min`.

    Parameters
    ----------
    ratio_min : loss over the one at training that counts where the policy knows no cost
    """
    if harm is None or not harm.proven or harm.excess is None or harm.mean is None:
        return False
    if policy.cost > 0:
        return expected_gain(harm, policy) > policy.cost
    return harm.excess > 0 and harm.mean >= ratio_min * (harm.mean - harm.excess)


def is_proven(excess: float, low: float, high: float, look: int) -> bool:
    """Whether an excess with its 95 % interval is above zero at the chance of the k-th look; never at no look."""
    if look == 0 or high <= low:
        return False
    error = (high - low) / (2 * NORMAL.inv_cdf(0.975))
    return excess / error >= NORMAL.inv_cdf(1 - LOOKS_ALPHA * 6 / (math.pi * look) ** 2)


def _known(loss: "LossShift", excess: "Excess", proven: bool, reason: str) -> Harm:
    interval = excess.estimate, excess.low, excess.high
    return Harm("labels", proven, reason, *interval, loss.mean_reference + excess.estimate, excess.rows)
