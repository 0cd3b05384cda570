"""Compare, tune, blend, then what is costly; then fit the winner on every row."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils.validation import has_fit_parameter
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from mlops_assets.spec import Training, UseCase
from mlops_assets.training.blend import blended
from mlops_assets.training.board import Leaderboard
from mlops_assets.training.budget import Budget, Stopwatch
from mlops_assets.training.candidate import Candidate
from mlops_assets.training.candidates import BASELINE, build_candidates, describe_problem
from mlops_assets.training.costly import compare_costly, fit_telling
from mlops_assets.training.engines import ENGINES
from mlops_assets.training.engines.protocol import Compare, Comparison, Progress
from mlops_assets.training.folds import make_folds
from mlops_assets.training.preference import preferred
from mlops_assets.training.tune import tuning_rounds

COMPARE_SHARE = 0.7  # of the budget; the rest tunes and blends
TUNE_SHARE = 0.5  # of what comparing left


class TrainingError(RuntimeError):
    """No model came out; the sentence says what became of each candidate."""


@dataclass(frozen=True)
class Trained:
    """The winner, fitted on all rows, and how it won.

    Attributes
    ----------
    pipeline : Pipeline
        Takes X as `features.feature_frame` gives it; answers with original labels or numbers.
    name, family, params
        The winning candidate; `params` are those that tuning set.
    board : Leaderboard
        Every candidate, also those that failed or were skipped.
    seconds : float
        For comparing, tuning and the final fit.
    record : dict
        What a costly winner tells of its own fit: curve, what ended it, versions. Empty for others.
    """

    pipeline: Any
    name: str
    family: str
    params: dict[str, Any]
    board: Leaderboard
    seconds: float
    record: dict[str, Any] = field(default_factory=dict)


def train(
    X: pd.DataFrame,
    y: NDArray[Any],
    use_case: UseCase,
    progress: Progress,
    *,
    groups: NDArray[Any] | None = None,
    stopwatch: Stopwatch = perf_counter,
    first: Sequence[str] = (),
) -> Trained:
    """The best candidate of the use case's families, fitted on all rows.

    Parameters
    ----------
    X : DataFrame of shape (n_samples, n_features)
        From `features.feature_frame`; in time order where `training.order` is 'time'.
    y : ndarray of shape (n_samples,)
        From `features.target_values`.
    progress : callable
        Takes one sentence a candidate.
    groups : ndarray of shape (n_samples,) or None
        From `features.group_values`: what stays together in the folds.
    stopwatch : callable
        Measures the budget, in seconds; it begins once libraries are imported and candidates built.
    first : sequence of str
        Families to compare before the others, such as `memory.proposal.proposed` names.

    Raises
    ------
    TrainingError
        If no candidate besides the baseline got a score, or all rows have one label.
    """
    _check_labels(y, use_case)
    if rare := _rare_classes(y, use_case):
        progress(rare)
    settings = use_case.training
    comparison = Comparison(
        X, y, make_folds(y, use_case.task, settings, groups), use_case.task, settings.metric, settings.random_state
    )
    with threadpool_limits(limits=1):
        compare = ENGINES[settings.engine](comparison)
        candidates = build_candidates(describe_problem(X, use_case), use_case, first)
        budget = Budget(settings.budget_s, stopwatch)  # what takes its time whatever is compared is done
        candidates, board = _search(candidates, compare, comparison, settings, budget, progress)
        winner = _winner(candidates, board, use_case)
        if winner.name != board.best.candidate:
            progress(f"{winner.name} is as good as {board.best.candidate} within one standard error, and cheaper")
        progress(f"fitting {winner.name} on all {len(y)} rows")
        pipeline = _fitted(winner, X, y, progress, stopwatch)
    record = getattr(pipeline[-1], "record_", {})
    return Trained(pipeline, winner.name, winner.family, winner.params, board, budget.spent, record)


def _search(
    built: list[Candidate],
    compare: Compare,
    comparison: Comparison,
    settings: Training,
    budget: Budget,
    progress: Progress,
) -> tuple[list[Candidate], Leaderboard]:
    candidates, costly = [one for one in built if not one.costly], [one for one in built if one.costly]
    rows = compare(candidates, budget.part(COMPARE_SHARE), progress)
    board = Leaderboard.of(rows, settings.metric)
    last_fit = max((row.seconds for row in board.ok[:1]), default=0.0) / (settings.folds - 1)
    tuning = budget.without(last_fit).part(TUNE_SHARE)
    for further in tuning_rounds(candidates, board, settings.tune_best, settings.random_state):
        done = compare(further, tuning, progress)
        tried = [row for row in done if row.status != "skipped" or row.seconds > 0]
        if not tried:  # the draws that were not begun say nothing; they stay off the board
            break
        rows += tried
        candidates += further
    blend = blended(candidates, Leaderboard.of(rows, settings.metric), comparison.task)
    if blend is not None:
        rows += compare([blend], budget.without(last_fit), progress)
        candidates.append(blend)
    rows += compare_costly(costly, comparison, progress, budget.stopwatch)
    candidates += costly
    return candidates, Leaderboard.of(rows, settings.metric)


def _winner(candidates: list[Candidate], board: Leaderboard, use_case: UseCase) -> Candidate:
    if all(row.family == BASELINE for row in board.ok):
        fates = "; ".join(f"{row.candidate} {row.status}: {row.reason}" for row in board.rows if row.reason)
        raise TrainingError(
            f"use case {use_case.name!r}: no candidate got a score within {use_case.training.budget_s:.0f} s; "
            f"raise training.budget_s or mend what failed: {fates}"
        )
    row = preferred(board, use_case.training.prefer)
    return next(candidate for candidate in candidates if candidate.name == row.candidate)


def _fitted(winner: Candidate, X: pd.DataFrame, y: NDArray[Any], progress: Progress, stopwatch: Stopwatch) -> Any:
    if has_fit_parameter(winner.pipeline[-1], "progress"):
        return fit_telling(winner, X, y, progress, stopwatch)
    return clone(winner.pipeline).fit(X, y)


def _check_labels(y: NDArray[Any], use_case: UseCase) -> None:
    if use_case.task == "classification" and len(set(y.tolist())) < 2:
        raise TrainingError(
            f"use case {use_case.name!r}: every row has the label {y[0]!r}; a classifier needs two classes at least"
        )


def _rare_classes(y: NDArray[Any], use_case: UseCase) -> str:
    """A sentence about classes that some folds lack, empty where there is none."""
    if use_case.task != "classification":
        return ""
    labels, rows = np.unique(y, return_counts=True)
    folds = use_case.training.folds
    rare = [f"{label} {count}" for label, count in zip(labels, rows, strict=True) if count < folds]
    return f"fewer rows than the {folds} folds, so that some folds do not score them: {', '.join(rare)}" if rare else ""
