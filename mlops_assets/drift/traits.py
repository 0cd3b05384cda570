"""What is added up over the rows of a batch: a few numbers for each code of a column.

Every score of a column is a function of such sums. A batch of any size is therefore scored from its counts of codes,
and thousands of batches drawn from the reference from the sums of a few blocks of its rows.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import special

from mlops_assets.drift.codes import BINS, CODES, MISSING

TAIL_SHARE = 0.05  # the outer twentieth of the reference, on either side
TAIL_CELLS = 4  # of the cells lie in either tail
ROUNDING = 1e-6  # of shares of counts
PRESENT, SHIFT, SPREAD = 0, 1, 2
TAIL = slice(3, 5)
DECILES = tuple(at / 10 for at in range(1, 10))
CELLS = (0.005, 0.01, 0.025, 0.05, *DECILES, 0.95, 0.975, 0.99, 0.995)  # of the distribution, finer in its tails
SHAPE = slice(5, 5 + len(CELLS) + 1)
TRAITS = SHAPE.stop

Array = NDArray[np.float64]


def numeric_traits(counts: Array) -> Array:
    """What each code of a numeric column adds to the sums, shape (256, n_traits).

    Parameters
    ----------
    counts : shape (256,), how often each code occurs in the reference

    Notes
    -----
    Columns: present; the normal score of the code's middle rank (van der Waerden, 1952), centred and scaled to one on
    the reference; its square, centred and scaled (Klotz, Annals of Mathematical Statistics 33, 1962); two tails;
    eighteen cells of the distribution, narrower at its ends. Scores are bounded by half a bin, +-2.8: one wild value
    cannot stand for a shift.
    """
    known = counts[:MISSING]
    total = max(known.sum(), 1.0)
    below = np.cumsum(known) - known
    middle = (below + known / 2) / total
    traits = np.zeros((CODES, TRAITS))
    traits[:MISSING, PRESENT] = 1
    z = _standard(special.ndtri(np.clip(middle, 0.5 / BINS, 1 - 0.5 / BINS)), known / total)
    traits[:MISSING, SHIFT] = z
    traits[:MISSING, SPREAD] = _standard(z**2, known / total)
    above = total - below - known
    traits[:MISSING, TAIL.start] = above + known <= TAIL_SHARE * total + ROUNDING
    traits[:MISSING, TAIL.start + 1] = below + known <= TAIL_SHARE * total + ROUNDING
    traits[np.arange(MISSING), SHAPE.start + np.searchsorted(CELLS, middle)] = 1
    return traits


def label_score(counts: Array) -> Array:
    """One number for each code of a category, shape (256,): is it the most frequent label, centred and scaled."""
    known = counts[:MISSING]
    score = np.zeros(CODES)
    if known.sum() > 0:
        score[:MISSING] = _standard((np.arange(MISSING) == known.argmax()).astype(float), known / known.sum())
    return score


def _standard(values: Array, shares: Array) -> Array:
    """Mean 0 and standard deviation 1 under the shares; all 0 where the values do not vary."""
    centred = values - shares @ values
    spread = float(np.sqrt(shares @ centred**2))
    standard: Array = centred / spread if spread > 1e-9 else np.zeros_like(centred)
    return standard
