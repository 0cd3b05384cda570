"""Standardised scores of batches against the rest of the reference, or of one batch against all of it.

A score is a z: standard normal by chance. Arrays have the draws as their first axis; scoring one batch is one draw.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlops_assets.drift.standard import counts_z, mean_z, share_z
from mlops_assets.drift.traits import PRESENT, SHAPE, SHIFT, SPREAD, TAIL, TAIL_CELLS

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Sums:
    """What is added up over rows: rows (n_draws,), numeric (n_draws, n_numeric, n_traits), labels: one array of counts
    (n_draws, n_levels + 2) a category, the last two being unseen and missing.
    """

    rows: Array
    numeric: Array
    labels: tuple[Array, ...]


def numeric_z(batch: Sums, rest: Sums) -> dict[str, Array]:
    """Scores of numeric columns by kind, each (n_draws, n_numeric)."""
    a, b = batch.numeric, rest.numeric
    n_a, n_b = a[..., PRESENT], b[..., PRESENT]
    tails = share_z(a[..., TAIL], n_a[..., None], b[..., TAIL], n_b[..., None])
    return {
        "shift": mean_z(a[..., SHIFT], n_a, b[..., SHIFT], n_b),
        "spread": mean_z(a[..., SPREAD], n_a, b[..., SPREAD], n_b),
        "tail": _largest(tails),
        "extremes": _extremes_z(a[..., SHAPE], n_a, b[..., SHAPE], n_b),
        "shape": np.maximum(counts_z(a[..., SHAPE], b[..., SHAPE]), 0),
    }


def _extremes_z(cells_a: Array, n_a: Array, cells_b: Array, n_b: Array) -> Array:
    """How the cells of one tail and all other rows together are filled, the tail that changed more."""
    found = []
    for tail in (slice(None, TAIL_CELLS), slice(-TAIL_CELLS, None)):
        parts = [(cells[..., tail], n) for cells, n in ((cells_a, n_a), (cells_b, n_b))]
        found.append(counts_z(*(np.concatenate([c, (n - c.sum(-1))[..., None]], axis=-1) for c, n in parts)))
    return np.maximum(np.maximum(*found), 0)


def missing_z(batch: Sums, rest: Sums) -> tuple[Array, Array]:
    """Scores of a rise of the missing share: numeric columns (n_draws, n_numeric), categories (n_draws, n_labels)."""
    rows_a, rows_b = batch.rows[:, None], rest.rows[:, None]
    numeric = share_z(rows_a - batch.numeric[..., PRESENT], rows_a, rows_b - rest.numeric[..., PRESENT], rows_b)
    missing_a, missing_b = (_stack([counts[:, -1] for counts in side.labels], len(side.rows)) for side in (batch, rest))
    return np.maximum(numeric, 0), np.maximum(share_z(missing_a, rows_a, missing_b, rows_b), 0)


def level_z(counts_a: Array, counts_b: Array) -> Array:
    """The score of each label's share, (n_draws, n_levels); labels that `rest` lacks are left to `unseen_z`."""
    known_a, known_b = counts_a[:, :-2], counts_b[:, :-2]
    n_a, n_b = counts_a[:, :-1].sum(1, keepdims=True), counts_b[:, :-1].sum(1, keepdims=True)
    return np.where(known_b > 0, share_z(known_a, n_a, known_b, n_b), 0.0)


def unseen_z(counts_a: Array, counts_b: Array) -> Array:
    """The score of rows with a label that `rest` lacks, (n_draws,)."""
    unseen = np.where(counts_b[:, :-1] == 0, counts_a[:, :-1], 0.0).sum(1)
    n_a, n_b = counts_a[:, :-1].sum(1), counts_b[:, :-1].sum(1)
    return np.maximum(share_z(unseen, n_a, np.zeros_like(unseen), n_b), 0)


def _largest(z: Array) -> Array:
    """The value farthest from 0 along the last axis, with its sign."""
    high, low = z.max(-1), z.min(-1)
    return np.where(high >= -low, high, low)


def _stack(columns: list[Array], draws: int) -> Array:
    return np.stack(columns, axis=1) if columns else np.zeros((draws, 0))
