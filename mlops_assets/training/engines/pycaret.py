"""Engine 'pycaret': PyCaret's compare_models drives the comparison, over our pipelines, folds and metrics.

What is taken from PyCaret is its experiment and its loop. What is not: its preprocessing (it would see all folds), its
narrowing of the table (float64 becomes float32, text becomes categories), its metrics (multiclass AUC shows as 0, a
rare class empties the board, values are rounded), its silence about failures, and its final fit.
"""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone

from mlops_assets.spec.tables import METRICS
from mlops_assets.training.board import Row
from mlops_assets.training.budget import Budget
from mlops_assets.training.candidate import Candidate
from mlops_assets.training.engines.protocol import Compare, Comparison, Progress
from mlops_assets.training.folds import Fold
from mlops_assets.training.latency import request_ms
from mlops_assets.training.outcome import failed, finished, no_start, overrun, skipped, told
from mlops_assets.training.scoring import score

DECIMALS = 15  # as many as a float64 has; our scores are read before PyCaret rounds


def open_comparison(comparison: Comparison) -> Compare:
    """What compares candidates on it; PyCaret takes some ten seconds to import."""
    with _quiet():
        recorder = _Recorder(comparison)
        experiment = _experiment(comparison, recorder)

    def compare(candidates: Sequence[Candidate], budget: Budget, progress: Progress) -> list[Row]:
        with _quiet():
            rows = (_row(candidate, experiment, recorder, budget) for candidate in candidates)
            return [told(row, comparison.metric, progress) for row in rows]

    return compare


class _OutOfBudgetError(Exception):
    """Ends a candidate after a fold."""


class _Folds:
    """Folds known beforehand, as the splitter that PyCaret asks for."""

    def __init__(self, folds: list[Fold]) -> None:
        self.folds = folds
        self.n_splits = len(folds)

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Iterator[Fold]:
        """The folds, whatever X is."""
        return iter(self.folds)

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """How many there are."""
        return self.n_splits


class _Recorder:
    """The scorer of every metric: scores a fitted fold once and keeps the unrounded values."""

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison
        self.folds: list[dict[str, float]] = []
        self.scored: Any = None
        self.budget: Budget | None = None
        self.request_ms = float("nan")

    def start(self, budget: Budget) -> None:
        """Forget the last candidate."""
        self.folds, self.scored, self.budget, self.started = [], None, budget, budget.spent
        self.request_ms = float("nan")

    @property
    def seconds(self) -> float:
        """Spent on this candidate."""
        return self.budget.spent - self.started if self.budget else 0.0

    def metric(self, name: str) -> Any:
        """Scorer of one metric, larger is better as scikit-learn wants it."""

        def scorer(estimator: Any, X: pd.DataFrame, y: Any) -> float:
            if self.scored is not estimator:  # the first metric of a fold scores all of them
                self.scored = estimator
                self.folds.append(score(estimator, X, np.asarray(y), self.comparison.task))
                self._check_budget()
                self._time_last(estimator, X)
            return self.folds[-1][name]

        return scorer

    def _time_last(self, estimator: Any, X: pd.DataFrame) -> None:
        if self.budget is not None and len(self.folds) == len(self.comparison.folds):
            self.request_ms = request_ms(estimator, X, self.comparison.task, self.budget.stopwatch)

    def _check_budget(self) -> None:
        if self.budget is not None:
            reason = overrun(self.seconds, len(self.folds), len(self.comparison.folds), self.budget)
            if reason:
                raise _OutOfBudgetError(reason)


def _row(candidate: Candidate, experiment: Any, recorder: _Recorder, budget: Budget) -> Row:
    if reason := no_start(candidate, budget):
        return skipped(candidate, reason)
    recorder.start(budget)
    try:
        experiment.compare_models(
            include=[clone(candidate.pipeline)],
            sort=recorder.comparison.metric,
            n_select=0,  # PyCaret would fit the winner again
            round=DECIMALS,
            errors="raise",
            verbose=False,
        )
    except Exception as error:  # noqa: BLE001 - whatever a model raises belongs on the board
        cause = error.__context__ or error  # PyCaret wraps it
        if isinstance(cause, _OutOfBudgetError):
            return skipped(candidate, str(cause), recorder.seconds)
        return failed(candidate, cause, recorder.seconds)
    return finished(candidate, recorder.folds, recorder.comparison.metric, recorder.seconds, recorder.request_ms)


def _experiment(comparison: Comparison, recorder: _Recorder) -> Any:
    """A PyCaret experiment whose training data, folds and metrics are ours."""
    kind, container = _parts(comparison)
    y = pd.Series(comparison.y)

    class Experiment(kind):  # type: ignore[misc, valid-type]
        def _create_model_get_train_X_y(  # noqa: N802 - PyCaret's name
            self, X_train: Any, y_train: Any
        ) -> tuple[pd.DataFrame, pd.Series]:
            return comparison.X.reset_index(drop=True), y

    codes = pd.factorize(y, sort=True)[0] if comparison.task == "classification" else comparison.y
    rows = pd.DataFrame({"row": np.arange(len(y)), "target": codes})
    experiment = Experiment()
    experiment.setup(
        data=rows,
        test_data=rows.head(1),
        target="target",
        index=False,
        preprocess=False,
        fold_strategy=_Folds(comparison.folds),
        n_jobs=1,
        html=False,
        verbose=False,
        system_log=False,
        session_id=comparison.random_state,
    )
    names = [name for name, (task, _) in METRICS.items() if task == comparison.task]
    experiment._all_metrics = {name: container(name, recorder.metric(name)) for name in names}
    return experiment


def _parts(comparison: Comparison) -> tuple[Any, Any]:
    """PyCaret's experiment of the task, and how it holds a metric."""
    if comparison.task == "classification":
        from pycaret.classification import ClassificationExperiment as Kind
        from pycaret.containers.metrics.classification import ClassificationMetricContainer as Metric
    else:
        from pycaret.containers.metrics.regression import RegressionMetricContainer as Metric
        from pycaret.regression import RegressionExperiment as Kind
    # PyCaret negates what is not `greater_is_better`; ours are read before that.
    return Kind, lambda name, scorer: Metric(id=name, name=name, score_func=scorer, scorer=scorer, display_name=name)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without PyCaret's warnings; its log file is turned off where the package is imported."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
