"""What is kept of a part of the training data; digests of parts merge into that of the whole."""

from collections.abc import Container
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops_assets.drift.columns import ComparedColumn, compared_columns
from mlops_assets.drift.sketch import (
    SAMPLE_MAX,
    NumericSketch,
    Sketch,
    merge_labels,
    merge_numbers,
    sketch_labels,
    sketch_numbers,
)
from mlops_assets.spec import UseCase


@dataclass(frozen=True, eq=False)
class Digest:
    """Rows seen, a sketch of each compared column without its sample, and a random sample of at most 10,000 whole rows.

    sample : the rows, with the columns that are compared;  priority : their random numbers, ascending
    """

    rows: int
    columns: dict[str, Sketch]
    sample: pd.DataFrame
    priority: NDArray[np.float64]


def digest(frame: pd.DataFrame, use_case: UseCase, rng: np.random.Generator, unused: Container[str] = ()) -> Digest:
    """The digest of rows; columns that they lack are left out, and features that are `unused` only warn.

    Notes
    -----
    Each row draws a random number and those with the lowest stay. The lowest of a union are among the lowest of its
    parts, so the sample of merged parts is one of all rows, each row having the same chance: bottom-k sampling, Cohen &
    Kaplan, PODC (2007).
    """
    found = {name: one for name, one in compared_columns(use_case, unused).items() if one.source in frame.columns}
    sources = list(dict.fromkeys(one.source for one in found.values()))
    priority = rng.random(len(frame))
    kept = np.argsort(priority, kind="stable")[:SAMPLE_MAX]
    columns = {name: _sketch(frame[one.source], one) for name, one in found.items()}
    return Digest(len(frame), columns, frame[sources].iloc[kept].reset_index(drop=True), priority[kept])


def merge(first: Digest, second: Digest) -> Digest:
    """The digest of both sets of rows together.

    Raises
    ------
    ValueError
        If they are of different columns.
    """
    if first.columns.keys() != second.columns.keys():
        apart = sorted(first.columns.keys() ^ second.columns.keys())
        raise ValueError(f"digests of the same columns are due; only one side has {', '.join(apart)}")
    priority = np.concatenate([first.priority, second.priority])
    kept = np.argsort(priority, kind="stable")[:SAMPLE_MAX]
    sample = pd.concat([first.sample, second.sample], ignore_index=True).iloc[kept].reset_index(drop=True)
    columns = {name: _merged(sketch, second.columns[name]) for name, sketch in first.columns.items()}
    return Digest(first.rows + second.rows, columns, sample, priority[kept])


def _sketch(values: Any, column: ComparedColumn) -> Sketch:
    if column.kind == "category":
        return replace(sketch_labels(values, source=column.source), alarms=column.alarms)
    measure = "words" if column.measure == "unknown_words" else column.measure  # its moments follow from the sample
    sketch = sketch_numbers(values, source=column.source, measure=measure)
    return replace(sketch, measure=column.measure, alarms=column.alarms)


def _merged(first: Sketch, second: Sketch) -> Sketch:
    if isinstance(first, NumericSketch) and isinstance(second, NumericSketch):
        return merge_numbers(first, second)
    if isinstance(first, NumericSketch) or isinstance(second, NumericSketch):
        raise ValueError(f"{first.source}: numbers on one side and labels on the other")
    return merge_labels(first, second)
