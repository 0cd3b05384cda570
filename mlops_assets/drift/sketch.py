"""What is remembered of one column: a bounded summary, not its rows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops_assets.drift.columns import Measure, label_counts, numbers

SAMPLE_MAX = 10_000  # the KS test then sees gaps of about 0.02, below every effect-size limit
CATEGORIES_MAX = 1_000


@dataclass(frozen=True, eq=False)
class NumericSketch:
    """Moments of all values and an ascending random sample of at most 10,000 of them.

    `n` counts the numbers that are there, `missing` the others; mean, std, low and high are None where n is 0.
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


Sketch = NumericSketch | CategorySketch


def sketch_numbers(
    values: Any, rng: np.random.Generator, *, source: str = "", measure: Measure = "value"
) -> NumericSketch:
    """The sketch of numbers; what `numbers` leaves out counts as missing."""
    present = numbers(values, measure)
    n, missing = len(present), len(values) - len(present)
    if n == 0:
        return NumericSketch(source, measure, 0, missing, None, None, None, None, present)
    sample = present
    if n > SAMPLE_MAX:
        sample = present[np.sort(rng.choice(n, SAMPLE_MAX, replace=False, shuffle=False))]
    moments = float(present.mean()), float(present.std())
    return NumericSketch(source, measure, n, missing, *moments, float(present[0]), float(present[-1]), sample)


def sketch_labels(values: Any, *, source: str = "") -> CategorySketch:
    """The sketch of labels; NaN and None count as missing."""
    counts = label_counts(values)
    kept = dict(list(counts.items())[:CATEGORIES_MAX])
    n = sum(counts.values())
    return CategorySketch(source, n, len(values) - n, kept, n - sum(kept.values()))


def aligned_counts(sketch: CategorySketch, counts: dict[str, int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Counts of reference and current over the same cells: the labels kept, then one cell for every other label."""
    other = sum(count for label, count in counts.items() if label not in sketch.counts)
    reference = [*sketch.counts.values(), sketch.rest]
    current = [*(counts.get(label, 0) for label in sketch.counts), other]
    return np.asarray(reference, dtype=np.float64), np.asarray(current, dtype=np.float64)
