"""Candidates whose one fit takes minutes: scored on the last fold alone, each within a budget of its own."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self

import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, clone

from mlops_assets.training.board import Row
from mlops_assets.training.budget import Stopwatch
from mlops_assets.training.candidate import Candidate
from mlops_assets.training.engines.protocol import Comparison, Progress
from mlops_assets.training.latency import request_ms
from mlops_assets.training.outcome import failed, finished, told
from mlops_assets.training.scoring import score


class AsFitted(BaseEstimator):  # type: ignore[misc]
    """A fitted estimator that neither `clone` nor `fit` changes, as sklearn.frozen has it from version 1.6 on."""

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["estimator"], name)

    def __sklearn_clone__(self) -> Self:
        return self

    def fit(self, X: pd.DataFrame, y: NDArray[Any], **options: Any) -> Any:
        """The fitted estimator itself."""
        return self.estimator


def compare_costly(
    candidates: Sequence[Candidate], comparison: Comparison, progress: Progress, stopwatch: Stopwatch
) -> list[Row]:
    """One row for each candidate, in their order; its note says that one fold was scored, and how the fit ended.

    Notes
    -----
    A model within another one, such as the BERT of a cascade, is not fitted again where a candidate before it was that
    model: both would see the same rows. The seconds of its row are then those of the rest.
    """
    fitted: list[Any] = []
    return [
        told(_row(candidate, comparison, fitted, progress, stopwatch), comparison.metric, progress)
        for candidate in candidates
    ]


def fit_telling(
    candidate: Candidate, X: pd.DataFrame, y: NDArray[Any], progress: Progress, stopwatch: Stopwatch
) -> Any:
    """The candidate's pipeline fitted on these rows; its model tells how it goes and keeps its budget."""
    return clone(candidate.pipeline).fit(X, y, model__progress=progress, model__stopwatch=stopwatch)


def with_fitted(candidate: Candidate, fitted: Sequence[Any]) -> Candidate:
    """The candidate, with the model within it replaced by the equal one among `fitted`, which no fit changes."""
    within = candidate.pipeline[-1].get_params(deep=False).get("costly")
    for one in fitted:
        if type(one) is type(within) and one.get_params() == within.get_params():
            pipeline = clone(candidate.pipeline).set_params(model__costly=AsFitted(one))
            return replace(candidate, pipeline=pipeline)
    return candidate


def _row(
    candidate: Candidate, comparison: Comparison, fitted: list[Any], progress: Progress, stopwatch: Stopwatch
) -> Row:
    started, (trained, held) = stopwatch(), comparison.folds[-1]
    X, y = comparison.X, comparison.y
    try:
        pipeline = fit_telling(with_fitted(candidate, fitted), X.iloc[trained], y[trained], progress, stopwatch)
        fitted.append(pipeline[-1])
        found = score(pipeline, X.iloc[held], y[held], comparison.task)
    except Exception as error:  # noqa: BLE001 - whatever a model raises belongs on the board
        return failed(candidate, error, stopwatch() - started)
    cost = request_ms(pipeline, X.iloc[held], comparison.task, stopwatch)
    row = finished(candidate, [found], comparison.metric, stopwatch() - started, cost)
    note = f"scored on the last of {len(comparison.folds)} folds; {pipeline[-1].record_['stopped']}"
    return replace(row, reason=row.reason or note)
