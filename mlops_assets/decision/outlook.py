"""How many more labels an experiment may need."""

import math

from mlops_assets.decision.confidence import Interval
from mlops_assets.spec import Decision

FACTOR_MAX = 100.0  # beyond a hundred times the labels so far, the estimate is a guess about nothing


def labels_to_go(interval: Interval, labels: int, decision: Decision) -> int | None:
    """Labels until a verdict if the difference stays as it is, to two figures, upwards; None = it cannot be said yet.

    Notes
    -----
    The interval's ends come closer to the estimate about as 1 / sqrt(labels). With the distance e to an end and the
    distance b from the estimate to the bound which that end must pass, it is passed at labels * (e / b)**2.

    Examples
    --------
    The lower end is 0.04 below the estimate and must come within 0.02 of it: four times the labels.

    >>> labels_to_go(Interval(0.02, -0.02, 0.06), 100, Decision(loss="zero_one"))
    300
    """
    if labels == 0 or not interval.low <= interval.estimate <= interval.high:
        return None
    total = max(labels * _factor(interval, decision.margin), decision.labels_min)
    return _two_figures(total - labels) if total <= labels * FACTOR_MAX else None


def _factor(interval: Interval, margin: float) -> float:
    """How many times the labels so far; infinite where the estimate stands on a bound."""
    below, above = interval.estimate - interval.low, interval.high - interval.estimate
    promote = _times(below, interval.estimate - margin)
    reject = _times(above, -margin - interval.estimate)
    within = max(_times(below, interval.estimate + margin), _times(above, margin - interval.estimate))
    return min(promote, reject, within)


def _times(distance: float, room: float) -> float:
    return max(1.0, (distance / room) ** 2) if room > 0 else math.inf


def _two_figures(count: float) -> int:
    unit: int = 10 ** max(0, math.floor(math.log10(max(count, 1))) - 1)
    return int(math.ceil(count / unit - 1e-9) * unit)
