"""X as the inputs of an exported graph: one column, one input."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Feed = dict[str, NDArray[Any]]


def feed_of(X: pd.DataFrame) -> Feed:
    """Column -> array of shape (n_samples, 1): float32 with NaN for missing, or str with '' for missing."""
    return {str(name): _column(X[name]) for name in X}


def _column(values: pd.Series) -> NDArray[Any]:
    if values.dtype == object:
        return np.asarray(values.where(values.notna(), ""), dtype=object).reshape(-1, 1)
    return np.asarray(values, dtype=np.float32).reshape(-1, 1)
