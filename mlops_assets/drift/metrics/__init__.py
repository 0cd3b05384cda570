"""The drift metrics: two samples, two rows of counts over the same cells, or two sets of rows, to one number.

Samples are ascending.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops_assets.drift.metrics.chi_square import chi_square
from mlops_assets.drift.metrics.correlation_shift import correlation_shift
from mlops_assets.drift.metrics.jensen_shannon import jensen_shannon, numeric_jensen_shannon
from mlops_assets.drift.metrics.ks import ks
from mlops_assets.drift.metrics.mean_shift import mean_shift
from mlops_assets.drift.metrics.missing_share import missing_share
from mlops_assets.drift.metrics.psi import numeric_psi, psi
from mlops_assets.drift.metrics.spread_shift import spread_shift
from mlops_assets.drift.metrics.tail_share import tail_share
from mlops_assets.drift.metrics.unseen_share import unseen_share
from mlops_assets.drift.metrics.wasserstein import wasserstein

Metric = Callable[[NDArray[np.float64], NDArray[np.float64]], float]

NUMERIC: dict[str, Metric] = {
    "wasserstein": wasserstein,
    "jensen_shannon": numeric_jensen_shannon,
    "psi": numeric_psi,
    "mean_shift": mean_shift,
    "spread_shift": spread_shift,
    "tail_share": tail_share,
    "ks": ks,
}

CATEGORY: dict[str, Metric] = {
    "jensen_shannon": jensen_shannon,
    "psi": psi,
    "unseen_share": unseen_share,
    "chi_square": chi_square,
}

MISSING: dict[str, Callable[[int, int, int, int], float]] = {
    "missing_share": missing_share,
}

JOINT: dict[str, Callable[[NDArray[np.floating[Any]], NDArray[np.floating[Any]]], float]] = {
    "correlation_shift": correlation_shift,
}
