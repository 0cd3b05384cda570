"""One column of a batch beside its sketch: counts of codes to judge by, effect sizes to show."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops_assets.drift.codes import CODES, Coding, LabelCoding, NumericCoding
from mlops_assets.drift.columns import label_counts
from mlops_assets.drift.metrics import CATEGORY, NUMERIC
from mlops_assets.drift.metrics.missing_share import missing_share
from mlops_assets.drift.sketch import CategorySketch, NumericSketch, Sketch, aligned_counts

SHOWN_MAX = 20_000  # values that effect sizes are computed from; evenly spaced order statistics of more


@dataclass(frozen=True, eq=False)
class Compared:
    """counts: how often each code occurs, shape (256,);  metrics: the effect sizes that are defined;  notes: sentences
    about what could not be measured
    """

    counts: NDArray[np.float64]
    metrics: Mapping[str, float]
    notes: tuple[str, ...] = ()


ABSENT = Compared(np.zeros(CODES), {}, ("undetermined: the batch lacks this column",))


def compare_column(sketch: Sketch, coding: Coding, values: Any) -> Compared:
    """The values of a batch beside the sketch of the same column; ABSENT where `values` is None."""
    if values is None:
        return ABSENT
    if isinstance(sketch, NumericSketch) and isinstance(coding, NumericCoding):
        present = sketch.numbers(values)
        n, counts = len(present), coding.count(present, len(values))
        found = _numeric_metrics(sketch, present)
    elif isinstance(sketch, CategorySketch) and isinstance(coding, LabelCoding):
        labels = label_counts(values)
        n, counts = sum(labels.values()), coding.count(labels, len(values))
        found = _label_metrics(sketch, labels)
    else:
        raise ValueError(f"{sketch.source}: its sketch and its codes are of different kinds")
    metrics = found | _missing_metric(sketch, len(values) - n, len(values))
    if sketch.n == 0 or n == 0:
        side = "the reference" if sketch.n == 0 else "the batch"
        return Compared(counts, metrics, (f"undetermined: {side} has no value here",))
    undefined = [name for name, value in metrics.items() if not math.isfinite(value)]
    notes = (f"undefined here: {', '.join(undefined)}",) if undefined else ()
    return Compared(counts, {name: value for name, value in metrics.items() if math.isfinite(value)}, notes)


def _numeric_metrics(sketch: NumericSketch, present: NDArray[np.float64]) -> dict[str, float]:
    if sketch.n == 0 or len(present) == 0:
        return {}
    step = -(-len(present) // SHOWN_MAX)
    shown = present[step // 2 :: step]
    return {name: metric(sketch.sample, shown) for name, metric in NUMERIC.items()}


def _label_metrics(sketch: CategorySketch, labels: dict[str, int]) -> dict[str, float]:
    if sketch.n == 0 or not labels:
        return {}
    reference, current = aligned_counts(sketch, labels)
    return {name: metric(reference, current) for name, metric in CATEGORY.items()}


def _missing_metric(sketch: Sketch, missing: int, rows: int) -> dict[str, float]:
    rows_reference = sketch.n + sketch.missing
    if missing + sketch.missing == 0 or rows_reference == 0 or rows == 0:
        return {}
    return {"missing_share": missing_share(sketch.missing, rows_reference, missing, rows)}
