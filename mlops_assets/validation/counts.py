"""What a quality report counts by column: outliers, unreadable and missing values."""

from collections import Counter

import pandas as pd

from mlops_assets.decode.table import UNPARSABLE
from mlops_assets.spec import UseCase

Fences = dict[str, tuple[float, float]]


def fences(table: pd.DataFrame, use_case: UseCase) -> Fences:
    """Lowest and highest value that is no outlier, for each numeric column with a spread.

    Notes
    -----
    J. W. Tukey, Exploratory Data Analysis, 1977: q1 - k (q3 - q1) and q3 + k (q3 - q1); k = 3 is 'far out'. A column
    whose middle half is one value has no such scale and no fences.
    """
    k, found = use_case.validation.outlier_iqr, {}
    for name, column in use_case.columns.items():
        if column.kind != "numeric" or name not in table.columns:
            continue
        low, high = table[name].quantile([0.25, 0.75])
        if high > low:
            found[name] = (float(low - k * (high - low)), float(high + k * (high - low)))
    return found


def count_outliers(table: pd.DataFrame, limits: Fences) -> dict[str, int]:
    """Number of values beyond the fences by column, columns without any left out."""
    counted = {name: int(((table[name] < low) | (table[name] > high)).sum()) for name, (low, high) in limits.items()}
    return {name: count for name, count in counted.items() if count}


def count_unparsable(table: pd.DataFrame) -> dict[str, int]:
    """Number of values that could not be read by column, columns without any left out."""
    lists = table[UNPARSABLE].dropna()
    return dict(Counter(name for names in lists for name in names.split(",")).most_common())


def count_missing(table: pd.DataFrame, use_case: UseCase) -> dict[str, int]:
    """Number of missing values by column, columns without any left out."""
    counted = {name: int(table[name].isna().sum()) for name in use_case.columns if name in table.columns}
    return {name: count for name, count in counted.items() if count}
