"""How much of a batch the reference never saw."""

import numpy as np
from numpy.typing import NDArray


def unseen_share(reference_counts: NDArray[np.float64], current_counts: NDArray[np.float64]) -> float:
    """Share (0..1) of the current rows in cells that are empty in the reference."""
    return float(current_counts[reference_counts == 0].sum() / current_counts.sum())
