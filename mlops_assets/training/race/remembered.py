"""The rows that a race remembers: the recent ones whole, of the older ones a uniform sample."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlops_assets.training.race.window import Rows


@dataclass(frozen=True)
class Remembered:
    """Rows with known labels, at most `rows_max` unless the recent windows alone hold more.

    `ticket` is a number in [0, 1) that each row drew when it came. Of the older rows those with the smallest tickets
    stay, which is a uniform sample of all that ever were older (bottom-k sampling: Cohen & Kaplan, PODC 2007).
    `count` rows came in all.
    """

    rows: Rows
    ticket: NDArray[np.float64]
    count: int

    @classmethod
    def nothing(cls, like: Rows) -> "Remembered":
        """No row yet, of the same columns."""
        return cls(like.where(np.zeros(len(like), dtype=bool)), np.empty(0), 0)

    def after(self, fresh: Rows, recent: int, rows_max: int, random: np.random.Generator) -> "Remembered":
        """With the fresh rows; those of the last `recent` windows stay whole."""
        rows, ticket = self.rows + fresh, np.concatenate([self.ticket, random.random(len(fresh))])
        older = rows.window < _first(rows, recent)
        room = max(0, rows_max - int((~older).sum()))
        kept = np.ones(len(rows), dtype=bool)
        if older.sum() > room:
            kept = ~older | (ticket < np.sort(ticket[older])[room])
        return Remembered(rows.where(kept), ticket[kept], self.count + len(fresh))

    def recent(self, windows: int) -> Rows:
        """Rows of the last windows that have a known label."""
        return self.rows.where(self.rows.window >= _first(self.rows, windows))


def _first(rows: Rows, recent: int) -> int:
    """Number of the first of the last windows among these rows."""
    numbers = np.unique(rows.window)
    return int(numbers[-recent:][0]) if len(numbers) else 0
