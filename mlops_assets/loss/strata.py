"""Held-out rows sorted into strata of equal risk: what turns any score of risk into an expected loss with its error."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ROWS_MIN = 40  # held-out rows in a stratum
STRATA_MAX = 20

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Strata:
    """Strata between `edges`, lowest risk first: share of held-out rows, mean loss, and its squared standard error."""

    edges: Array
    shares: Array
    losses: Array
    errors: Array


@dataclass(frozen=True)
class Expected:
    """Expected mean loss of a batch and its excess over held-out rows, each with its standard error."""

    mean: float
    mean_error: float
    excess: float
    excess_error: float


def build_strata(risk: Array, losses: Array) -> Strata:
    """The strata of held-out rows.

    Parameters
    ----------
    risk : shape (n_rows,), larger where a larger loss is expected; not fitted on these rows' own losses
    losses : shape (n_rows,)

    Notes
    -----
    Histogram binning (Zadrozny & Elkan, Obtaining calibrated probability estimates, ICML 2001) over equal counts, then
    isotonic regression over the bins (Zadrozny & Elkan, KDD 2002), so that more risk never means less loss.
    """
    from sklearn.isotonic import isotonic_regression

    wanted = max(1, min(STRATA_MAX, len(risk) // ROWS_MIN))
    edges = np.unique(np.quantile(risk, np.arange(1, wanted) / wanted, method="lower"))  # values that occur
    edges = edges[edges < risk.max()]
    at = np.searchsorted(edges, risk)
    counts = np.bincount(at, minlength=len(edges) + 1)
    means = np.bincount(at, losses, len(counts)) / counts
    # One row more than there are, at the overall mean: a stratum without a single error is not without doubt.
    overall = losses.mean()
    squares = (np.bincount(at, (losses - means[at]) ** 2, len(counts)) + (overall - means) ** 2 + losses.var()) / (
        counts + 1
    )
    fitted = isotonic_regression(means, sample_weight=counts.astype(float))
    return Strata(edges, counts / len(risk), np.asarray(fitted, dtype=np.float64), squares / counts)


def expected_loss(strata: Strata, risk: Array) -> Expected:
    """The expected mean loss of a batch of rows with this risk.

    Notes
    -----
    With shares w of the batch and p of the held-out rows, mean losses l and their squared errors v by stratum, the mean
    is sum(w * l) with variance sum(w**2 * v), the excess sum((w - p) * l) with sum((w - p)**2 * v); both add the
    variance of l over the batch's rows divided by their number (post-stratification: Cochran, Sampling Techniques,
    1977, chapter 5A). It holds as long as rows of one stratum err as often as they did: the concept must not move.
    """
    w = np.bincount(np.searchsorted(strata.edges, risk), minlength=len(strata.shares)) / len(risk)
    mean = float(w @ strata.losses)
    sampling = float(w @ (strata.losses - mean) ** 2) / len(risk)
    moved = w - strata.shares
    return Expected(
        mean=mean,
        mean_error=math.sqrt(float(w**2 @ strata.errors) + sampling),
        excess=float(moved @ strata.losses),
        excess_error=math.sqrt(float(moved**2 @ strata.errors) + sampling),
    )
