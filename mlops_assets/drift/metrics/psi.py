"""Population stability index."""

import numpy as np
from numpy.typing import NDArray

from mlops_assets.drift.bins import paired_counts


def psi(reference_counts: NDArray[np.float64], current_counts: NDArray[np.float64]) -> float:
    """Population stability index of two rows of counts; 0 = same shares, larger = more drift.

    Parameters
    ----------
    reference_counts, current_counts : shape (n_cells,), one cell per bin or category, each with a sum above 0

    Notes
    -----
    sum over cells of (q - p) ln(q / p), Siddiqi, Credit Risk Scorecards (2006), with p and q the smoothed shares
    (count + 1/2) / (n + k/2), k being the number of cells that are not empty on both sides (Krichevsky & Trofimov
    1981): an empty cell costs what half a row would.
    """
    used = (reference_counts + current_counts) > 0
    p, q = (_smoothed(counts[used]) for counts in (reference_counts, current_counts))
    return float(((q - p) * np.log(q / p)).sum())


def numeric_psi(reference: NDArray[np.float64], current: NDArray[np.float64]) -> float:
    """The same over the deciles of the reference; both samples ascending."""
    return psi(*paired_counts(reference, current))


def _smoothed(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    smoothed: NDArray[np.float64] = (counts + 0.5) / (counts.sum() + 0.5 * len(counts))
    return smoothed
