"""Which columns are compared, and their values as one kind of number or label."""

from collections.abc import Container
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops_assets.drift.words import Vocabulary
from mlops_assets.spec import UseCase

Measure = Literal["value", "characters", "words", "unknown_words"]

# Derivations that say where in a week or year a row lies: a window of time differs in them by construction.
CALENDAR = (
    *("weekday", "is_weekend", "day_of_month", "month", "day_of_year"),
    *("time_of_week_sin", "time_of_week_cos", "time_of_year_sin", "time_of_year_cos"),
)
MEASURES_OF_TEXT: dict[Measure, str] = {
    "characters": "characters",
    "words": "words",
    "unknown_words": "unknown words",
}
BEYOND = 1e100  # no measurement; up to here the squares and sums of a million values stay finite


@dataclass(frozen=True)
class ComparedColumn:
    """A column of the frame, what is measured of it, and whether it raises alarms or only warns."""

    source: str
    measure: Measure
    kind: Literal["numeric", "category"]
    alarms: bool = True


def compared_columns(use_case: UseCase, unused: Container[str] = ()) -> dict[str, ComparedColumn]:
    """Name in the report -> what is compared, in the order of the spec.

    Features and the target raise alarms. Other numbers, categories and texts only warn, and so do the `unused`
    features, which the champion does not use, and the position in a calendar, which moves whatever the champion does.
    A text takes part by its length in characters and words and by the share of its words that are new.
    """
    found: dict[str, ComparedColumn] = {}
    for name, column in use_case.columns.items():
        calendar = column.derive is not None and column.derive.take in CALENDAR
        alarms = name == use_case.target or (name in use_case.features and name not in unused and not calendar)
        if name == use_case.target:
            found[name] = ComparedColumn(name, "value", "category" if use_case.task == "classification" else "numeric")
        elif column.kind in ("datetime", "id"):
            continue
        elif column.kind == "text":
            for measure, words in MEASURES_OF_TEXT.items():
                found[f"{name} ({words})"] = ComparedColumn(name, measure, "numeric", alarms)
        else:
            found[name] = ComparedColumn(name, "value", "numeric" if column.kind == "numeric" else "category", alarms)
    return found


def numbers(values: Any, measure: Measure = "value", vocabulary: Vocabulary | None = None) -> NDArray[np.float64]:
    """The values in ascending order; NaN, None, infinities and numbers beyond 1e100 count as missing, left out."""
    return ascending(measured(values, measure, vocabulary))


def ascending(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The finite values, sorted."""
    ordered = np.sort(values)  # NaN sorts behind infinity
    first, last = np.searchsorted(ordered, [-BEYOND, BEYOND])
    return ordered[first:last]


def label_counts(values: Any) -> dict[str, int]:
    """How often each label occurs, most frequent first; whole numbers are written without a point."""
    counted = pd.Series(values).value_counts(dropna=True)
    counts: dict[str, int] = {}
    for label, count in counted.items():
        counts[as_text(label)] = counts.get(as_text(label), 0) + int(count)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def measured(values: Any, measure: Measure, vocabulary: Vocabulary | None = None) -> NDArray[np.float64]:
    """One number a row, NaN where there is none.

    Raises
    ------
    ValueError
        If unknown words are asked for without a vocabulary.
    """
    if measure == "value":
        return np.asarray(values, dtype=np.float64)
    if measure == "unknown_words":
        if vocabulary is None:
            raise ValueError("the share of unknown words needs the reference's vocabulary")
        return vocabulary.unknown_shares(values)
    texts = pd.Series(values)
    present = texts.dropna().astype(str)
    lengths = present.str.len() if measure == "characters" else present.str.split().str.len()
    return np.asarray(lengths.reindex(texts.index), dtype=np.float64)


def as_text(label: Any) -> str:
    """A label as text; whole numbers are written without a point."""
    if isinstance(label, float) and label.is_integer():
        return str(int(label))
    return str(label)
