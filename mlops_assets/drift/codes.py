"""Values as one byte a cell: quantile bins of numbers, numbers of labels."""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops_assets.drift.bins import bin_counts, quantile_edges
from mlops_assets.drift.columns import BEYOND, as_text

BINS = 200  # half a per cent of the reference each, so that its outermost per cent is two bins
LEVELS_MAX = 240  # more distinct labels than that are hashed into as many codes
UNSEEN, MISSING, CODES = 254, 255, 256

Codes = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class NumericCoding:
    """Code i: the value lies in (edges[i - 1], edges[i]]; MISSING: there is none."""

    edges: NDArray[np.float64]

    def encode(self, known: NDArray[np.float64]) -> Codes:
        """The codes of numbers in their order, shape (n_rows,)."""
        codes = np.searchsorted(self.edges, known, side="left").astype(np.uint8)
        codes[~(np.abs(known) <= BEYOND)] = MISSING
        return codes

    def count(self, ascending: NDArray[np.float64], rows: int) -> NDArray[np.float64]:
        """How often each code occurs, shape (256,), among that many rows whose numbers are given in ascending order."""
        counts = np.zeros(CODES)
        if len(self.edges):
            counts[: len(self.edges) + 1] = bin_counts(ascending, self.edges)
        counts[MISSING] = rows - len(ascending)
        return counts


@dataclass(frozen=True)
class LabelCoding:
    """Code i: the label is levels[i]; UNSEEN: none of them; without levels: the label's hash, for very many labels."""

    levels: tuple[str, ...]
    hashed: bool = False

    def encode(self, values: Any) -> Codes:
        """The codes of the values in their order, shape (n_rows,)."""
        positions, labels = pd.factorize(np.asarray(values, dtype=object))
        of_labels = np.append(self._codes(as_text(label) for label in labels), MISSING).astype(np.uint8)
        codes: Codes = of_labels[positions]  # factorize gives -1, the last one, where nothing is
        return codes

    def count(self, counts: dict[str, int], rows: int) -> NDArray[np.float64]:
        """How often each code occurs, shape (256,), among that many rows whose labels are counted."""
        known = np.fromiter(counts.values(), dtype=np.float64, count=len(counts))
        found = np.bincount(self._codes(counts), weights=known, minlength=CODES).astype(np.float64)
        found[MISSING] = rows - known.sum()
        return found

    def _codes(self, labels: Iterable[str]) -> NDArray[np.int64]:
        if self.hashed:
            return np.array([zlib.crc32(label.encode()) % LEVELS_MAX for label in labels], dtype=np.int64)
        known = {label: code for code, label in enumerate(self.levels)}
        return np.array([known.get(label, UNSEEN) for label in labels], dtype=np.int64)


Coding = NumericCoding | LabelCoding


def numeric_coding(ascending: NDArray[np.float64]) -> NumericCoding:
    """Bins of equal shares of an ascending sample; none where it is empty."""
    return NumericCoding(quantile_edges(ascending, BINS) if len(ascending) else np.empty(0))


def label_coding(counts: dict[str, int]) -> LabelCoding:
    """A code for each counted label.

    Above 240 labels a hash gives the codes: a rule that keeps the frequent ones would keep those that are frequent by
    chance, and every later batch would differ from the reference.
    """
    return LabelCoding((), hashed=True) if len(counts) > LEVELS_MAX else LabelCoding(tuple(counts))
