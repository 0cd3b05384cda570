"""Whether the challenger takes over."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlops_assets.decision.confidence import Bound, Interval, labels_until_above, labels_until_below, mean_interval
from mlops_assets.spec import Decision

Outcome = Literal["promote", "reject", "equivalent", "continue", "inconclusive"]


@dataclass(frozen=True, eq=False)
class Differences:
    """Champion loss minus challenger loss, label by label, and the bounds that each had before it was seen."""

    values: NDArray[np.float64]
    low: Bound
    high: Bound

    def first(self, n: int) -> "Differences":
        """The first n of them."""
        return self.where(np.arange(len(self.values)) < n)

    def where(self, mask: NDArray[np.bool_]) -> "Differences":
        """Those that a mask names."""
        low, high = (bound if isinstance(bound, float) else bound[mask] for bound in (self.low, self.high))
        return Differences(self.values[mask], low, high)


@dataclass(frozen=True)
class Verdict:
    """An outcome, the interval of champion loss minus challenger loss (positive = challenger better) and the labels.

    A decided verdict speaks of the moment at which it was decided: `labels` and `interval` stay as they were then,
    however many labels follow.
    """

    outcome: Outcome
    interval: Interval
    labels: int
    sentence: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "outcome": self.outcome,
            "estimate": self.interval.estimate,
            "low": self.interval.low,
            "high": self.interval.high,
            "labels": self.labels,
            "sentence": self.sentence,
        }


def decide(
    champion_losses: ArrayLike, challenger_losses: ArrayLike, decision: Decision, allowance: float = 0.0
) -> Verdict:
    """The verdict on paired losses: both models judged by the same labels.

    Parameters
    ----------
    champion_losses, challenger_losses : shape (n_labels,), at least 0, in the order in which the labels came; clipped
        at `decision.loss_max`
    allowance : by how much labels that are still missing could move the mean difference, in units of the loss

    Notes
    -----
    d = champion loss - challenger loss. [low, high] is the interval of `mean_interval` for the mean of d, valid with a
    chance of at least 1 - `decision.alpha` at every number of labels together. The first number of labels, at least
    `decision.labels_min`, at which one of these holds decides, and stays the decision when more labels come:

    - promote: low >= margin + allowance (above 0 where both are 0): better by what counts;
    - reject: high <= -(margin + allowance): worse by what counts;
    - equivalent: both ends within margin - allowance of 0, for margins above 0: no difference that counts;
    - inconclusive: `decision.labels_max` labels and none of the above.

    So with a chance of at least 1 - alpha no verdict is wrong, however often one looks: a promoted challenger is better
    by the margin or more, a rejected one worse by it, and an equivalent one within it.

    Raises
    ------
    ValueError
        If a loss is missing or negative, the lengths differ, or the margin is not below `decision.loss_max`.
    """
    return decide_differences(paired_losses(champion_losses, challenger_losses, decision), decision, allowance)


def paired_losses(champion_losses: ArrayLike, challenger_losses: ArrayLike, decision: Decision) -> Differences:
    """The differences of two models' losses on the same rows; raises as `decide` says."""
    champion, challenger = clip_losses(champion_losses, decision), clip_losses(challenger_losses, decision)
    if len(champion) != len(challenger):
        raise ValueError(f"{len(champion)} champion losses beside {len(challenger)} challenger losses; pairs are due")
    return Differences(champion - challenger, -decision.loss_max, decision.loss_max)


def decide_differences(differences: Differences, decision: Decision, allowance: float = 0.0) -> Verdict:
    """The verdict on differences in the order in which they count; see `decide`."""
    within_budget = differences.first(decision.labels_max)
    outcome, labels = _first_outcome(within_budget, decision, allowance)
    seen = differences.first(labels)
    limits = (-decision.loss_max, decision.loss_max)
    interval = mean_interval(seen.values, seen.low, seen.high, decision.alpha, within=limits)
    return Verdict(outcome, interval, labels, describe(outcome, interval, labels, decision, allowance))


def _first_outcome(differences: Differences, decision: Decision, allowance: float) -> tuple[Outcome, int]:
    """The outcome and the number of labels that decided it, or 'continue' and all labels."""
    labels = len(differences.values)
    if labels >= decision.labels_min:
        decided = sorted(_outcomes(differences, decision, allowance), key=lambda found: found[1])
        if decided:
            return decided[0][0], max(decided[0][1], decision.labels_min)
    return ("inconclusive" if labels >= decision.labels_max else "continue"), labels


def _outcomes(differences: Differences, decision: Decision, allowance: float) -> Iterator[tuple[Outcome, int]]:
    beyond, inside = decision.margin + allowance, decision.margin - allowance
    game = (differences.low, differences.high, decision.alpha)
    values = differences.values
    if beyond < decision.loss_max:
        if (labels := labels_until_below(values, -beyond, *game)) is not None:
            yield "reject", labels
        if (labels := labels_until_above(values, beyond, *game)) is not None:
            yield "promote", labels
    if inside > 0:
        ends = labels_until_above(values, -inside, *game), labels_until_below(values, inside, *game)
        if ends[0] is not None and ends[1] is not None:
            yield "equivalent", max(ends[0], ends[1])


def clip_losses(losses: ArrayLike, decision: Decision) -> NDArray[np.float64]:
    """Losses as the decision counts them; raises as `decide` says."""
    if decision.margin >= decision.loss_max:
        raise ValueError(f"decision.margin: {decision.margin:g} is not below loss_max, {decision.loss_max:g}")
    array = np.asarray(losses, dtype=np.float64)
    wrong = ~(array >= 0)  # NaN compares false
    if wrong.any():
        raise ValueError(f"loss {array[wrong][0]} at position {int(wrong.argmax())}: a number of at least 0 is due")
    return np.minimum(array, decision.loss_max)


def describe(outcome: Outcome, interval: Interval, labels: int, decision: Decision, allowance: float = 0.0) -> str:
    """The verdict in one sentence."""
    confidence = f"{100 * (1 - decision.alpha):g} %"
    seen = (
        f"after {labels} labels the challenger's mean {decision.loss} loss is {abs(interval.estimate):.4g} "
        f"{'lower' if interval.estimate >= 0 else 'higher'} than the champion's "
        f"({confidence} interval of the gain, valid at any time: {interval.low:.4g} to {interval.high:.4g})"
    )
    late = f", and labels still missing can move it by {allowance:.2g} at most" if allowance > 0 else ""
    margin = f"the margin of {decision.margin:g}" if decision.margin > 0 else "zero"
    minus = "minus " if decision.margin > 0 else ""
    why = {
        "promote": f"the whole interval lies above {margin}: the challenger takes over",
        "reject": f"the whole interval lies below {minus}{margin}: the champion stays",
        "equivalent": f"the whole interval lies within {margin}: no difference that counts",
        "inconclusive": f"the budget of {decision.labels_max} labels is spent: the champion stays",
        "continue": f"fewer than {decision.labels_min} labels"
        if labels < decision.labels_min
        else "the interval still allows more than one answer",
    }[outcome]
    return f"{outcome}: {seen}{late}; {why}"
