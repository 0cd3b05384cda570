"""Which columns are compared, and their values as one kind of number or label."""

from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops_assets.spec import UseCase

Measure = Literal["value", "characters", "words"]

CALENDAR = ("weekday", "day_of_month", "month")
BEYOND = 1e100  # no measurement; up to here the squares and sums of a million values stay finite


def compared_columns(use_case: UseCase) -> dict[str, tuple[str, Measure, Literal["numeric", "category"]]]:
    """Name in the report -> (column of the frame, what is measured, kind), in the order of the spec.

    Features and the target take part. A text column takes part by the number of its characters and of its words. The
    position in a calendar (weekday, day of month, month) stays out: a window of time differs in it by construction.
    """
    found: dict[str, tuple[str, Measure, Literal["numeric", "category"]]] = {}
    for name, column in use_case.columns.items():
        if name == use_case.target:
            found[name] = (name, "value", "category" if use_case.task == "classification" else "numeric")
        elif name not in use_case.features or (column.derive is not None and column.derive.take in CALENDAR):
            continue
        elif column.kind == "text":
            found[f"{name} (characters)"] = (name, "characters", "numeric")
            found[f"{name} (words)"] = (name, "words", "numeric")
        else:
            found[name] = (name, "value", "numeric" if column.kind == "numeric" else "category")
    return found


def numbers(values: Any, measure: Measure = "value") -> NDArray[np.float64]:
    """The values in ascending order; NaN, None, infinities and numbers beyond 1e100 count as missing, left out."""
    ascending = np.sort(_measured(values, measure))  # NaN sorts behind infinity
    first, last = np.searchsorted(ascending, [-BEYOND, BEYOND])
    return ascending[first:last]


def label_counts(values: Any) -> dict[str, int]:
    """How often each label occurs, most frequent first; whole numbers are written without a point."""
    counted = pd.Series(values).value_counts(dropna=True)
    counts: dict[str, int] = {}
    for label, count in counted.items():
        counts[_text(label)] = counts.get(_text(label), 0) + int(count)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _measured(values: Any, measure: Measure) -> NDArray[np.float64]:
    if measure == "value":
        return np.asarray(values, dtype=np.float64)
    present = pd.Series(values).dropna().astype(str)
    lengths = present.str.len() if measure == "characters" else present.str.split().str.len()
    return np.asarray(lengths, dtype=np.float64)


def _text(label: Any) -> str:
    if isinstance(label, float) and label.is_integer():
        return str(int(label))
    return str(label)
