"""What a batch says about the champion's loss, and about the harm of keeping it, in words."""

import math

from mlops_assets.decision.harm import Harm, expected_gain
from mlops_assets.loss.estimate import LossEstimate
from mlops_assets.loss.model_report import ModelReport
from mlops_assets.loss.shift import LossShift
from mlops_assets.spec import RetrainPolicy

P_VALUE_SHOWN = 1e-6  # smaller ones rest on tails that no data can check


def model_sentence(report: ModelReport, of: str = "batches") -> str:
    """The champion's loss on a batch, or on a window where it is one `of` windows, known or estimated."""
    if report.note:
        return f"Model: cannot say, {report.note}"
    parts = [] if report.loss is None else [_shift(report.loss, of)]
    if report.loss is None and report.estimate is not None:
        parts.append(f"Model: no labels came with the batch; {_estimate(report.estimate)}")
    return "; ".join(parts)


def harm_sentence(harm: Harm, policy: RetrainPolicy) -> str:
    """What keeping the champion costs, and what a retrain costs beside it."""
    if harm.excess is None:
        return f"Harm: cannot say, {harm.reason}"
    price = f", a retrain costs {policy.cost:,.4g}" if policy.cost > 0 else ""
    return (
        f"{'Harm' if harm.proven else 'No proven harm'}: {harm.excess:+.4g} loss a row "
        f"({harm.low:+.4g} to {harm.high:+.4g}, {harm.reason}), "
        f"{expected_gain(harm, policy):+,.4g} over {policy.horizon_rows:,} rows{price}"
    )


def _shift(loss: LossShift, of: str) -> str:
    ratio = f"{loss.ratio:.2f} times" if math.isfinite(loss.ratio) else "any multiple of"
    since = "" if loss.since == 1 or not loss.drifted else f", risen for {loss.since} {of}"
    return (
        f"Model {'drift' if loss.drifted else 'without drift'}: mean loss {loss.mean_current:.4g} on "
        f"{loss.n_current:,} labelled rows, {ratio} the {loss.mean_reference:.4g} at training{since} "
        f"(limit {loss.limit.value:g}, {_p_value(loss.p_value)} at any time, alarm at {loss.alpha:g})"
    )


def _estimate(estimate: LossEstimate) -> str:
    if estimate.doubts:
        return f"an estimate of its loss would not hold: {'; '.join(estimate.doubts)}"
    return f"its mean loss is estimated at {estimate.mean:.4g} ({estimate.low:.4g} to {estimate.high:.4g})"


def _p_value(p_value: float) -> str:
    return f"p = {p_value:.2g}" if p_value >= P_VALUE_SHOWN else f"p < {P_VALUE_SHOWN:g}"
