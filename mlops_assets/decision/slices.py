"""Whether the challenger is worse for some of the requests although it is better for all together."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlops_assets.decision.confidence import labels_until_below, mean_interval
from mlops_assets.decision.counting import Counted
from mlops_assets.decision.evidence import SEGMENT
from mlops_assets.spec import Decision


@dataclass(frozen=True)
class Slice:
    """The labels of one value of one segment: the mean gain, its anytime-valid upper end, and whether that is harm."""

    segment: str
    value: str
    labels: int
    gain: float
    high: float
    harmed: bool


def worst_slices(counted: Counted, decision: Decision) -> list[Slice]:
    """The slice with the smallest gain of each segment, in the order of `decision.segments`.

    Notes
    -----
    A slice is harmed when the upper end of its gain's interval is below -margin. With K slices of at least `labels_min`
    labels each upper end is valid at alpha / K (Bonferroni), so that with a chance of at least 1 - alpha no slice is
    called harmed that is not.
    """
    cut = [list(_cut(counted, segment, decision.labels_min)) for segment in decision.segments]
    number = sum(len(slices) for slices in cut)
    judged = [[_judged(counted, decision, number, *one) for one in slices] for slices in cut]
    return [min(slices, key=lambda one: (not one.harmed, one.gain)) for slices in judged if slices]


def _cut(counted: Counted, segment: str, labels_min: int) -> Iterator[tuple[str, str, NDArray[np.bool_]]]:
    values = counted.rows[SEGMENT + segment]
    for value, labels in values.value_counts().sort_index().items():
        if labels >= labels_min:
            yield segment, str(value), (values == value).to_numpy()


def _judged(
    counted: Counted, decision: Decision, number: int, segment: str, value: str, mine: NDArray[np.bool_]
) -> Slice:
    part = counted.differences.where(mine)
    alpha = min(1.0, 2 * decision.alpha / number)  # of both sides, of which one is asked
    limits = (-decision.loss_max, decision.loss_max)
    interval = mean_interval(part.values, part.low, part.high, alpha, within=limits)
    below = labels_until_below(part.values, -decision.margin, part.low, part.high, alpha)
    return Slice(segment, value, len(part.values), interval.estimate, interval.high, below is not None)
