"""Whether the challenger takes over, where each label judges only the model that answered."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlops_assets.decision.confidence import Interval, mean_interval
from mlops_assets.decision.verdict import Outcome, Verdict, clip_losses, describe
from mlops_assets.spec import Decision


def decide_unpaired(losses: ArrayLike, challenger: ArrayLike, decision: Decision) -> Verdict:
    """The verdict on the losses of two arms.

    Parameters
    ----------
    losses : shape (n_labels,), at least 0, in the order in which the labels came; clipped at `decision.loss_max`
    challenger : shape (n_labels,), True where the challenger answered

    Notes
    -----
    Each arm's mean loss gets an anytime-valid interval at alpha / 2; low is the champion's lower end minus the
    challenger's upper end, high the reverse. The rules and the promise are those of `verdict.decide`. The interval
    never grows, so bisection over the labels finds the first number at which a rule holds.

    Raises
    ------
    ValueError
        If a loss is missing or negative, the lengths differ, or the margin is not below `decision.loss_max`.
    """
    clipped, of_challenger = clip_losses(losses, decision), np.asarray(challenger, dtype=bool)
    if len(clipped) != len(of_challenger):
        raise ValueError(f"{len(clipped)} losses beside {len(of_challenger)} arms; one arm a loss is due")
    labels = len(clipped)
    interval = _interval(clipped, of_challenger, decision)
    outcome = _outcome(interval, decision.margin) if labels >= decision.labels_min else "continue"
    if outcome != "continue":
        labels = _first_decided(clipped, of_challenger, decision)
        interval = _interval(clipped[:labels], of_challenger[:labels], decision)
        outcome = _outcome(interval, decision.margin)
    return Verdict(outcome, interval, labels, describe(outcome, interval, labels, decision))


def _interval(losses: NDArray[np.float64], challenger: NDArray[np.bool_], decision: Decision) -> Interval:
    a = mean_interval(losses[~challenger], 0.0, decision.loss_max, decision.alpha / 2)
    b = mean_interval(losses[challenger], 0.0, decision.loss_max, decision.alpha / 2)
    return Interval(a.estimate - b.estimate, a.low - b.high, a.high - b.low)


def _outcome(interval: Interval, margin: float) -> Outcome:
    if interval.high < 0 and interval.high <= -margin:
        return "reject"
    if interval.low > 0 and interval.low >= margin:
        return "promote"
    if margin > 0 and -margin <= interval.low and interval.high <= margin:
        return "equivalent"
    return "continue"


def _first_decided(losses: NDArray[np.float64], challenger: NDArray[np.bool_], decision: Decision) -> int:
    undecided, decided = decision.labels_min - 1, len(losses)
    while decided - undecided > 1:
        middle = (undecided + decided) // 2
        interval = _interval(losses[:middle], challenger[:middle], decision)
        if _outcome(interval, decision.margin) == "continue":
            undecided = middle
        else:
            decided = middle
    return decided
