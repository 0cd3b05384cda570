"""Rows of one window as a race takes them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


@dataclass(frozen=True)
class Rows:
    """Rows with their labels and the moments from which the labels were known.

    Attributes
    ----------
    X : DataFrame of shape (n_samples, n_features)
        As `features.feature_frame` gives it, numbered from 0.
    y : ndarray of shape (n_samples,)
    known_at : ndarray of datetime64[ns], shape (n_samples,)
    window : ndarray of int, shape (n_samples,)
        Number of the window they came in.
    """

    X: pd.DataFrame
    y: NDArray[Any]
    known_at: NDArray[np.datetime64]
    window: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.y)

    def where(self, chosen: NDArray[Any]) -> "Rows":
        """Those that a mask or positions name."""
        X = self.X.iloc[np.flatnonzero(chosen) if chosen.dtype == bool else chosen].reset_index(drop=True)
        return Rows(X, self.y[chosen], self.known_at[chosen], self.window[chosen])

    def last(self, n: int) -> "Rows":
        """The last n at most."""
        return self.where(np.arange(max(0, len(self) - n), len(self)))

    def __add__(self, other: "Rows") -> "Rows":
        if not len(self) or not len(other):
            return other if len(other) else self
        return Rows(
            pd.concat([self.X, other.X], ignore_index=True),
            np.concatenate([self.y, other.y]),
            np.concatenate([self.known_at, other.known_at]),
            np.concatenate([self.window, other.window]),
        )


@dataclass(frozen=True)
class Window:
    """One window: its name, the moment at which its first answer is due, and its rows in the order of events."""

    key: str
    start: np.datetime64
    X: pd.DataFrame
    y: NDArray[Any]
    known_at: NDArray[np.datetime64]

    def rows(self, number: int) -> Rows:
        """Its rows, as the `number`-th window of a race."""
        return Rows(self.X.reset_index(drop=True), self.y, self.known_at, np.full(len(self.y), number))
