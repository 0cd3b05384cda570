"""A column of X as a few cells: quantile bins of numbers, labels of categories, lengths of texts."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Kind = Literal["numeric", "category", "text"]

BINS = 12  # a hold-out of 600 rows then brings some 50 to a bin
LABELS_MAX = 30
MISSING, OTHER, FIRST = 0, 1, 2  # cells: no value, a label of no cell of its own, then the bins or labels


@dataclass(frozen=True)
class Cells:
    """How values become cells: `edges` part the numbers between `low` and `high`, `labels` have a cell each.

    `shares` is the share of training rows in each cell; `complete` says that training knew no other labels.
    """

    kind: Kind
    edges: tuple[float, ...] = ()
    low: float = 0.0
    high: float = 0.0
    labels: tuple[str, ...] = ()
    complete: bool = True
    shares: tuple[float, ...] = ()

    @property
    def n(self) -> int:
        """How many cells there are."""
        return FIRST + (len(self.labels) if self.kind == "category" else len(self.edges) + 1)

    def place(self, values: Any) -> NDArray[np.int64]:
        """The cell of each value, shape (n_rows,); a number beyond low or high is in the bin beside it."""
        if self.kind == "category":
            places = {label: FIRST + at for at, label in enumerate(self.labels)}
            series = pd.Series(np.asarray(values, dtype=object))
            found = series.map(places).fillna(OTHER).to_numpy(dtype=np.int64)
            return np.where(series.isna().to_numpy(), MISSING, found)
        known = _numbers(values, self.kind)
        return np.where(np.isnan(known), MISSING, FIRST + np.searchsorted(self.edges, known))

    def outside(self, values: Any) -> NDArray[np.bool_]:
        """True for each value where training had none: beyond low or high, a new label, missing where none was."""
        places = self.place(values)
        found: NDArray[np.bool_] = (places == MISSING) & (self.shares[MISSING] == 0)
        if self.kind == "category":
            found |= (places == OTHER) & self.complete
        else:
            known = _numbers(values, self.kind)
            found |= (known < self.low) | (known > self.high)
        return found


def cells_of(values: Any, kind: Kind) -> Cells:
    """The cells of a column of the training rows."""
    if kind == "category":
        counts = pd.Series(np.asarray(values, dtype=object)).value_counts()
        cells = Cells(kind, labels=tuple(counts.index[:LABELS_MAX]), complete=len(counts) <= LABELS_MAX)
    else:
        known = _numbers(values, kind)
        known = known[~np.isnan(known)]
        inner = np.unique(np.quantile(known, np.arange(1, BINS) / BINS)) if len(known) else np.empty(0)
        low, high = (float(known.min()), float(known.max())) if len(known) else (-np.inf, np.inf)
        cells = Cells(kind, edges=tuple(inner[inner < high].tolist()), low=low, high=high)
    shares = np.bincount(cells.place(values), minlength=cells.n) / max(1, len(values))
    return Cells(**{**vars(cells), "shares": tuple(shares.tolist())})


def likeness(cells: Cells, places: NDArray[np.int64]) -> float:
    """Share of the training rows that a batch is worth in this column: 1 = the same distribution over the cells.

    Notes
    -----
    Kish, Survey Sampling (1965): rows of shares p, weighted to the shares q, are worth 1 / sum(q**2 / p) of themselves.
    Cells that training never filled are left out; `outside` counts what lies there.
    """
    p = np.asarray(cells.shares)
    q = np.bincount(places, minlength=cells.n) / len(places)
    held = p > 0
    worth = float((q[held] ** 2 / p[held]).sum())
    return 1.0 / max(1.0, worth)


def _numbers(values: Any, kind: Kind) -> NDArray[np.float64]:
    """Numbers, NaN where there is none; of texts their length in characters."""
    if kind == "text":
        lengths: NDArray[np.float64] = pd.Series(np.asarray(values, dtype=object)).str.len().to_numpy(dtype=np.float64)
        return lengths
    known = np.asarray(values, dtype=np.float64)
    return np.where(np.isfinite(known), known, np.nan)
