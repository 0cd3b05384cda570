"""Rows that train and rows that score, for each fold."""

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops_assets.spec import Task, Training

Fold = tuple[NDArray[np.int64], NDArray[np.int64]]

FIRST_TRAINING_SHARE = 0.5  # of the rows, in time order; later folds train on more


def make_folds(y: NDArray[Any], task: Task, training: Training, groups: NDArray[Any] | None = None) -> list[Fold]:
    """Positions of training and scoring rows, one pair a fold.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        Labels or numbers; in time order where `training.order` is 'time'.
    groups : ndarray of shape (n_samples,) or None
        Rows with one value stay together; None = each row is for itself.

    Raises
    ------
    ValueError
        If there are fewer rows than two a fold, or fewer groups than folds.
    """
    if len(y) < 2 * training.folds:
        raise ValueError(f"training.folds: {training.folds} folds need {2 * training.folds} rows, the set has {len(y)}")
    if training.order == "time":
        return expanding_folds(len(y), training.folds)
    classes = y if task == "classification" else np.zeros(len(y))
    if groups is not None:
        return grouped_folds(classes, groups, training.folds, training.random_state)
    return stratified_folds(classes, training.folds, training.random_state)


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


def grouped_folds(classes: NDArray[Any], groups: NDArray[Any], folds: int, random_state: int) -> list[Fold]:
    """Each group whole in one fold, the classes spread over the folds as evenly as whole groups allow.

    Raises
    ------
    ValueError
        If there are fewer groups than folds.

    Notes
    -----
    Greedy, the largest groups first: a group joins the fold where the squared shares of its classes, summed over folds
    and classes, grow least; where several are equal, the one with the fewest rows. A class that only one group has
    scores where nothing of it was trained on, which is what a new source of it would meet.
    """
    names, group_of = np.unique(groups, return_inverse=True)
    if len(names) < folds:
        raise ValueError(f"training.folds: {folds} folds need {folds} groups, the set has {len(names)}")
    labels, class_of = np.unique(classes, return_inverse=True)
    counts = np.zeros((len(names), len(labels)))
    np.add.at(counts, (group_of, class_of), 1)
    shares = counts / counts.sum(axis=0)
    shuffled = np.random.default_rng(random_state).permutation(len(names))
    held, rows, fold_of = np.zeros((folds, len(labels))), np.zeros(folds), np.empty(len(names), dtype=np.int64)
    for group in shuffled[np.argsort(-counts.sum(axis=1)[shuffled], kind="stable")]:
        growth = (2 * held * shares[group]).sum(axis=1)
        fold = np.lexsort((rows, growth.round(12)))[0]
        held[fold] += shares[group]
        rows[fold] += counts[group].sum()
        fold_of[group] = fold
    side = fold_of[group_of]
    return [(np.flatnonzero(side != fold), np.flatnonzero(side == fold)) for fold in range(folds)]


def expanding_folds(n_rows: int, folds: int) -> list[Fold]:
    """Folds of rows in time order: each scores the next stretch and trains on everything before it."""
    first = int(n_rows * FIRST_TRAINING_SHARE)
    edges = np.linspace(first, n_rows, folds + 1).astype(np.int64)
    return [(np.arange(start), np.arange(start, stop)) for start, stop in pairwise(edges)]
