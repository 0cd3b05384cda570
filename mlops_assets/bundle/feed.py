"""X as the inputs of an exported graph: one tensor for all numbers, one for each column of texts."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Feed = dict[str, NDArray[Any]]

NUMBERS = "[numbers]"


def feed_of(X: pd.DataFrame) -> Feed:
    """Inputs of shape (n_samples, k): float32 with NaN for missing, and per text column str with '' for missing."""
    numbers = [name for name in X if X[name].dtype != object]
    feed: Feed = {str(name): texts_of(X[name].where(X[name].notna(), "")) for name in X if name not in numbers}
    return feed | ({NUMBERS: X[numbers].to_numpy(np.float32)} if numbers else {})


def texts_of(values: Any) -> NDArray[Any]:
    """Texts as a column of shape (n_samples, 1)."""
    return np.asarray(values, dtype=object).reshape(-1, 1)
