"""Every pair of columns by the measure that fits their kinds."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from mlops_assets.eda.association import correlation_ratio, cramers_v, pearson, spearman
from mlops_assets.spec import UseCase

COLUMNS_MAX = 20
LEVELS_MAX = 50  # a category with more labels is nearly an id
MEASURES = {"numeric numeric": "Spearman", "category numeric": "correlation ratio", "category category": "Cramér's V"}


@dataclass(frozen=True)
class Pair:
    """Two columns: `value` in the measure's range, nan where nothing can be said; Pearson's beside Spearman's."""

    a: str
    b: str
    measure: str
    value: float
    pearson: float | None = None


def associations(frame: pd.DataFrame, use_case: UseCase) -> tuple[Pair, ...]:
    """All pairs of at most COLUMNS_MAX columns: the target, then the features, then what is left, in spec order.

    Texts count by their length; times, ids and categories of more than LEVELS_MAX labels are left out.
    """
    columns = _columns(frame, use_case)
    return tuple(_pair(*one, *other) for one, other in combinations(columns.items(), 2))


def _columns(frame: pd.DataFrame, use_case: UseCase) -> dict[str, pd.Series]:
    order = [use_case.target, *use_case.features, *use_case.columns]
    found: dict[str, pd.Series] = {}
    for name in dict.fromkeys(order):
        kind = use_case.columns[name].kind
        if name not in frame.columns or len(found) == COLUMNS_MAX:
            continue
        if kind == "numeric":
            found[name] = frame[name].astype("float64")
        elif kind == "category" and 1 < frame[name].nunique() <= LEVELS_MAX:
            found[name] = frame[name]
        elif kind == "text":
            found[f"{name} (characters)"] = frame[name].str.len().astype("float64")
    return {name: values for name, values in found.items() if values.nunique() > 1}


def _pair(name: str, values: pd.Series, other: str, others: pd.Series) -> Pair:
    numeric = [pd.api.types.is_float_dtype(one.dtype) for one in (values, others)]
    if all(numeric):
        x, y = values.to_numpy(dtype=np.float64), others.to_numpy(dtype=np.float64)
        return Pair(name, other, MEASURES["numeric numeric"], spearman(x, y), pearson(x, y))
    if not any(numeric):
        return Pair(name, other, MEASURES["category category"], cramers_v(values, others))
    labels, numbers = (others, values) if numeric[0] else (values, others)
    value = correlation_ratio(labels, numbers.to_numpy(dtype=np.float64))
    return Pair(name, other, MEASURES["category numeric"], value)
