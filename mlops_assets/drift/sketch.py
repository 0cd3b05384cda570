"""What is remembered of one column: a bounded summary, not its rows."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops_assets.drift.columns import Measure, ascending, label_counts, measured, numbers
from mlops_assets.drift.words import Vocabulary

SAMPLE_MAX = 10_000  # the KS test then sees gaps of about 0.02, below every effect-size limit
CATEGORIES_MAX = 1_000


@dataclass(frozen=True, eq=False)
class NumericSketch:
    """Moments of all values and an ascending random sample of at most 10,000 of them.

    `n` counts the numbers that are there, `missing` the others; mean, std, low and high are None where n is 0.
    `vocabulary` is that of the measure `unknown_words`; `alarms` is False where the column only warns.
    """

    source: str
    measure: Measure
    n: int
    missing: int
    mean: float | None
    std: float | None
    low: float | None
    high: float | None
    sample: NDArray[np.float64]
    vocabulary: Vocabulary | None = None
    alarms: bool = True

    def measured(self, values: Any) -> NDArray[np.float64]:
        """The values of a batch as this column's numbers, one a row, NaN where there is none."""
        return measured(values, self.measure, self.vocabulary)

    def numbers(self, values: Any) -> NDArray[np.float64]:
        """The numbers that are there, ascending."""
        return ascending(self.measured(values))


@dataclass(frozen=True)
class CategorySketch:
    """Counts of the most frequent labels, at most 1,000, and of all others together.

    `n` counts the values that are there, `missing` the others.
    """

    source: str
    n: int
    missing: int
    counts: dict[str, int]
    rest: int
    alarms: bool = True


Sketch = NumericSketch | CategorySketch


def sketch_numbers(
    values: Any, rng: np.random.Generator | None = None, *, source: str = "", measure: Measure = "value"
) -> NumericSketch:
    """The sketch of numbers; what `numbers` leaves out counts as missing. Without `rng` it has no sample."""
    present = numbers(values, measure)
    n, missing = len(present), len(values) - len(present)
    if n == 0:
        return NumericSketch(source, measure, 0, missing, None, None, None, None, present)
    moments = float(present.mean()), float(present.std())
    sample = present[:0] if rng is None else _sample(present, rng)
    return NumericSketch(source, measure, n, missing, *moments, float(present[0]), float(present[-1]), sample)


def _sample(present: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    if len(present) <= SAMPLE_MAX:
        return present
    return present[np.sort(rng.choice(len(present), SAMPLE_MAX, replace=False, shuffle=False))]


def merge_numbers(first: NumericSketch, second: NumericSketch) -> NumericSketch:
    """The sketch of both sets of numbers together, without a sample.

    Notes
    -----
    Mean and variance of the union: Chan, Golub & LeVeque, COMPSTAT (1982).
    """
    missing = first.missing + second.missing
    if first.n == 0 or second.n == 0:
        kept = second if first.n == 0 else first
        return replace(kept, missing=missing, sample=kept.sample[:0])
    n = first.n + second.n
    a, b = (part.n / n for part in (first, second))
    mean = a * _known(first.mean) + b * _known(second.mean)
    between = a * b * (_known(first.mean) - _known(second.mean)) ** 2
    std = math.sqrt(a * _known(first.std) ** 2 + b * _known(second.std) ** 2 + between)
    low, high = min(_known(first.low), _known(second.low)), max(_known(first.high), _known(second.high))
    return replace(first, n=n, missing=missing, mean=mean, std=std, low=low, high=high, sample=first.sample[:0])


def _known(moment: float | None) -> float:
    if moment is None:
        raise ValueError("a sketch with values has moments")
    return moment


def sketch_labels(values: Any, *, source: str = "") -> CategorySketch:
    """The sketch of labels; NaN and None count as missing."""
    counts = label_counts(values)
    n = sum(counts.values())
    return _bounded(CategorySketch(source, n, len(values) - n, counts, 0))


def merge_labels(first: CategorySketch, second: CategorySketch) -> CategorySketch:
    """The sketch of both sets of labels together; what either had dropped stays with the rest."""
    counts = dict(first.counts)
    for label, count in second.counts.items():
        counts[label] = counts.get(label, 0) + count
    ordered = dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
    n, missing, rest = first.n + second.n, first.missing + second.missing, first.rest + second.rest
    return _bounded(replace(first, n=n, missing=missing, counts=ordered, rest=rest))


def _bounded(sketch: CategorySketch) -> CategorySketch:
    kept = dict(list(sketch.counts.items())[:CATEGORIES_MAX])
    return replace(sketch, counts=kept, rest=sketch.n - sum(kept.values()))


def aligned_counts(sketch: CategorySketch, counts: dict[str, int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Counts of reference and current over the same cells: the labels kept, then one cell for every other label."""
    other = sum(count for label, count in counts.items() if label not in sketch.counts)
    reference = [*sketch.counts.values(), sketch.rest]
    current = [*(counts.get(label, 0) for label in sketch.counts), other]
    return np.asarray(reference, dtype=np.float64), np.asarray(current, dtype=np.float64)
