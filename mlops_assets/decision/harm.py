"""What keeping the champion costs: its loss above the one at training, and whether that is proven."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Self

from mlops_assets.spec import RetrainPolicy

if TYPE_CHECKING:
    from mlops_assets.drift.loss_shift import Excess, LossShift
    from mlops_assets.drift.model_report import ModelReport

Source = Literal["labels", "estimate", "unknown"]


@dataclass(frozen=True)
class Harm:
    """Mean loss a row above the one at training with its 95 % interval, None where nobody can say; and where from.

    `mean` is the loss itself, over the same rows.
    `proven` says that it is there: more than chance, and more than the least ratio that counts.
    """

    source: Source
    proven: bool
    reason: str
    excess: float | None = None
    low: float | None = None
    high: float | None = None
    mean: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return dict(vars(self))

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """The harm that `to_dict` wrote."""
        return cls(**values)


def find_harm(model: "ModelReport", data_drifted: bool, rows_min: int, ratio_min: float) -> Harm:
    """The harm that a batch shows.

    Parameters
    ----------
    data_drifted : whether the batch's columns alarmed
    rows_min : labelled rows from which on they are believed rather than the estimate
    ratio_min : loss over the one at training that counts

    Notes
    -----
    An alarm of the loss monitor proves it, at a rate kept over the champion's life. A batch whose columns alarmed is
    looked at once more, by the 95 % interval of its own excess: by its labels where there are enough, else by the
    estimate. Both alarms have their rates, so a stream without change seldom comes so far. Without either alarm no
    interval is looked at, or one batch in forty of a calm stream would prove harm.
    """
    loss, estimate = model.loss, model.estimate
    if loss is not None and loss.drifted:
        return _known(loss, loss.changed, True, f"labels of {loss.since} batch(es), at any time")
    if loss is not None and loss.n_current >= rows_min:
        counts = (ratio_min - 1) * loss.mean_reference
        proven = data_drifted and loss.batch.low > 0 and loss.batch.estimate >= counts
        return _known(loss, loss.batch, proven, f"{loss.n_current:,} labels of this batch")
    if estimate is None:
        return Harm("unknown", False, model.note)
    if estimate.doubts:
        return Harm("unknown", False, "; ".join(estimate.doubts))
    counts = (ratio_min - 1) * (estimate.mean - estimate.excess)
    proven = data_drifted and estimate.excess_low > 0 and estimate.excess >= counts
    interval = estimate.excess, estimate.excess_low, estimate.excess_high
    return Harm("estimate", proven, "estimated without labels", *interval, estimate.mean)


def expected_gain(harm: Harm, policy: RetrainPolicy) -> float:
    """Loss that a retrain wins back over the policy's horizon, if it brings the loss at training back; 0 if unknown."""
    return 0.0 if harm.excess is None else harm.excess * policy.horizon_rows


def is_harmful(harm: Harm | None, policy: RetrainPolicy) -> bool:
    """True where harm is proven and a retrain is expected to win back more than it costs."""
    return harm is not None and harm.proven and expected_gain(harm, policy) > policy.cost


def _known(loss: "LossShift", excess: "Excess", proven: bool, reason: str) -> Harm:
    interval = excess.estimate, excess.low, excess.high
    return Harm("labels", proven, reason, *interval, loss.mean_reference + excess.estimate)
