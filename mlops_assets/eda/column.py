"""One column in a few figures: of numbers, of labels, of the lengths of texts, of times."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops_assets.spec import Kind

BINS = 24
SPAN = (0.005, 0.995)  # quantiles that a histogram spans; what lies beyond is counted at its ends
LEVELS_MAX = 8

QUARTILES = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Numbers:
    """Figures of numbers; `outliers` is the share (0..1) of Tukey's 'far out' values, None where nothing says so.

    edges, counts : a histogram, len(edges) == len(counts) + 1
    """

    mean: float
    std: float
    quartiles: tuple[float, float, float, float, float]
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    outliers: float | None


@dataclass(frozen=True)
class Levels:
    """Labels: how many distinct ones, the most frequent with their counts, and the count of all others."""

    distinct: int
    top: tuple[tuple[str, int], ...]
    others: int


@dataclass(frozen=True)
class ColumnFigures:
    """What a column looks like; `measure` says what its numbers are of, `missing_share` is 0..1."""

    name: str
    kind: Kind
    measure: str
    missing_share: float
    numbers: Numbers | None
    levels: Levels | None


def figures_of_numbers(values: Any, k: float) -> Numbers | None:
    """Figures of the finite values; None where there is none.

    Parameters
    ----------
    values : array-like, shape (n_rows,)
    k : interquartile ranges beyond the quartiles from which on a value is far out (Tukey 1977: 3)
    """
    numbers = np.asarray(values, dtype=np.float64)
    numbers = numbers[np.isfinite(numbers)]
    if not len(numbers):
        return None
    low, first, median, third, high = (float(one) for one in np.quantile(numbers, QUARTILES))
    edges = _edges(numbers)
    counts = np.histogram(np.clip(numbers, edges[0], edges[-1]), edges)[0]
    reach = k * (third - first)
    far = float(np.mean((numbers < first - reach) | (numbers > third + reach))) if third > first else None
    std = float(numbers.std(ddof=1)) if len(numbers) > 1 else 0.0
    shape = tuple(float(edge) for edge in edges), tuple(int(count) for count in counts)
    return Numbers(float(numbers.mean()), std, (low, first, median, third, high), *shape, far)


def figures_of_labels(values: pd.Series) -> Levels | None:
    """The most frequent labels; None where every value is missing."""
    counts = values.dropna().astype(str).value_counts()
    if counts.empty:
        return None
    ordered = sorted(((str(name), int(count)) for name, count in counts.items()), key=lambda one: (-one[1], one[0]))
    top = tuple(ordered[:LEVELS_MAX])
    return Levels(len(ordered), top, int(counts.sum()) - sum(count for _, count in top))


def figures_of(values: pd.Series, name: str, kind: Kind, missing_share: float, k: float) -> ColumnFigures:
    """Figures of a column of any kind: texts by their length, times by their days since the first."""
    numbers, levels, measure = None, None, ""
    if kind == "numeric":
        numbers = figures_of_numbers(values, k)
    elif kind == "text":
        numbers, measure = figures_of_numbers(values.dropna().astype(str).str.len(), k), "characters"
    elif kind == "datetime":
        numbers, measure = figures_of_numbers(_days(values), k), "days since the first"
    if kind in ("category", "id"):
        levels = figures_of_labels(values)
    return ColumnFigures(name, kind, measure, missing_share, numbers, levels)


def _days(values: pd.Series) -> pd.Series:
    moments = values.dropna().to_numpy("datetime64[us]")  # 64 bits count no more than 292 years of nanoseconds
    return pd.Series((moments - moments.min()) / np.timedelta64(1, "D") if len(moments) else moments, dtype="float64")


def _edges(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Edges of a histogram; whole numbers of a small span have a bin each, around them."""
    low, high = (float(one) for one in np.quantile(numbers, SPAN))
    if high <= low:
        return np.array([low - 0.5, low + 0.5])
    if high - low < BINS and bool((numbers == np.floor(numbers)).all()):
        return np.arange(np.floor(low), np.ceil(high) + 2) - 0.5
    return np.linspace(low, high, BINS + 1)
