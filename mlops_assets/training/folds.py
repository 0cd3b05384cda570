"""Rows that train and rows that score, for each fold."""

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops_assets.spec import Task, Training

Fold = tuple[NDArray[np.int64], NDArray[np.int64]]

FIRST_TRAINING_SHARE = 0.5  # of the rows, in time order; later folds train on more


def make_folds(y: NDArray[Any], task: Task, training: Training) -> list[Fold]:
    """Positions of training and scoring rows, one pair a fold.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        Labels or numbers; in time order where `training.order` is 'time'.

    Raises
    ------
    ValueError
        If there are fewer rows than two a fold.
    """
    if len(y) < 2 * training.folds:
        raise ValueError(f"training.folds: {training.folds} folds need {2 * training.folds} rows, the set has {len(y)}")
    if training.order == "time":
        return expanding_folds(len(y), training.folds)
    groups = y if task == "classification" else np.zeros(len(y))
    return stratified_folds(groups, training.folds, training.random_state)


def stratified_folds(groups: NDArray[Any], folds: int, random_state: int) -> list[Fold]:
    """Each group spread evenly over the folds; a group smaller than `folds` is missing in some of them.

    Notes
    -----
    Rows are shuffled, ordered by group and dealt out in turn, so the sizes of any two folds differ by one row at
    most, overall and within a group. scikit-learn's StratifiedKFold warns about a rare class and refuses a set of rare
    ones.
    """
    shuffled = np.random.default_rng(random_state).permutation(len(groups))
    dealt = shuffled[np.argsort(groups[shuffled], kind="stable")]
    fold_of = np.empty(len(groups), dtype=np.int64)
    fold_of[dealt] = np.arange(len(groups)) % folds
    return [(np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)) for fold in range(folds)]


def expanding_folds(n_rows: int, folds: int) -> list[Fold]:
    """Folds of rows in time order: each scores the next stretch and trains on everything before it."""
    first = int(n_rows * FIRST_TRAINING_SHARE)
    edges = np.linspace(first, n_rows, folds + 1).astype(np.int64)
    return [(np.arange(start), np.arange(start, stop)) for start, stop in pairwise(edges)]
