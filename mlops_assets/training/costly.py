"""Candidates whose one fit takes minutes: scored on the last fold alone, each within a budget of its own."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone

from mlops_assets.training.board import Row
from mlops_assets.training.budget import Stopwatch
from mlops_assets.training.candidate import Candidate
from mlops_assets.training.engines.protocol import Comparison, Progress
from mlops_assets.training.latency import request_ms
from mlops_assets.training.outcome import failed, finished, told
from mlops_assets.training.scoring import score


def compare_costly(
    candidates: Sequence[Candidate], comparison: Comparison, progress: Progress, stopwatch: Stopwatch
) -> list[Row]:
    """One row for each candidate, in their order; its note says that one fold was scored, and how the fit ended."""
    return [
        told(_row(candidate, comparison, progress, stopwatch), comparison.metric, progress) for candidate in candidates
    ]


def fit_telling(
    candidate: Candidate, X: pd.DataFrame, y: NDArray[Any], progress: Progress, stopwatch: Stopwatch
) -> Any:
    """The candidate's pipeline fitted on these rows; its model tells how it goes and keeps its budget."""
    return clone(candidate.pipeline).fit(X, y, model__progress=progress, model__stopwatch=stopwatch)


def _row(candidate: Candidate, comparison: Comparison, progress: Progress, stopwatch: Stopwatch) -> Row:
    started, (trained, held) = stopwatch(), comparison.folds[-1]
    X, y = comparison.X, comparison.y
    try:
        pipeline = fit_telling(candidate, X.iloc[trained], y[trained], progress, stopwatch)
        found = score(pipeline, X.iloc[held], y[held], comparison.task)
    except Exception as error:  # noqa: BLE001 - whatever a model raises belongs on the board
        return failed(candidate, error, stopwatch() - started)
    cost = request_ms(pipeline, X.iloc[held], comparison.task, stopwatch)
    row = finished(candidate, [found], comparison.metric, stopwatch() - started, cost)
    note = f"scored on the last of {len(comparison.folds)} folds; {pipeline[-1].record_['stopped']}"
    return replace(row, reason=row.reason or note)
