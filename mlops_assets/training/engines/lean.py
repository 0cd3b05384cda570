"""Engine 'lean': clone, fit and score on each fold; nothing else."""

import warnings
from collections.abc import Sequence
from typing import Any

from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from mlops_assets.training.board import Row
from mlops_assets.training.budget import Budget
from mlops_assets.training.candidate import Candidate
from mlops_assets.training.engines.protocol import Compare, Comparison, Progress
from mlops_assets.training.folds import Fold
from mlops_assets.training.latency import request_ms
from mlops_assets.training.outcome import failed, finished, no_start, overrun, skipped, told
from mlops_assets.training.scoring import score


def open_comparison(comparison: Comparison) -> Compare:
    """What compares candidates on it."""

    def compare(candidates: Sequence[Candidate], budget: Budget, progress: Progress) -> list[Row]:
        return [told(_row(candidate, comparison, budget), comparison.metric, progress) for candidate in candidates]

    return compare


def _row(candidate: Candidate, comparison: Comparison, budget: Budget) -> Row:
    if reason := no_start(candidate, budget):
        return skipped(candidate, reason)
    started, folds = budget.spent, []
    for done, fold in enumerate(comparison.folds):
        seconds = budget.spent - started
        if reason := overrun(seconds, done, len(comparison.folds), budget):
            return skipped(candidate, reason, seconds)
        try:
            pipeline = _fit(candidate, comparison, fold)
            folds.append(score(pipeline, comparison.X.iloc[fold[1]], comparison.y[fold[1]], comparison.task))
        except Exception as error:  # noqa: BLE001 - whatever a model raises belongs on the board
            return failed(candidate, error, budget.spent - started)
    cost = request_ms(pipeline, comparison.X.iloc[fold[1]], comparison.task, budget.stopwatch)
    return finished(candidate, folds, comparison.metric, budget.spent - started, cost)


def _fit(candidate: Candidate, comparison: Comparison, fold: Fold) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the score says what an early stop costs
        return clone(candidate.pipeline).fit(comparison.X.iloc[fold[0]], comparison.y[fold[0]])
