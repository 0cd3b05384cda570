"""What an engine does: compare candidates on given folds, keep a budget, hide no failure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pandas as pd
from numpy.typing import NDArray

from mlops_assets.spec import Task
from mlops_assets.training.board import Row
from mlops_assets.training.budget import Budget
from mlops_assets.training.candidate import Candidate
from mlops_assets.training.folds import Fold

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Comparison:
    """What every candidate is measured on.

    Attributes
    ----------
    X : DataFrame of shape (n_samples, n_features)
    y : ndarray of shape (n_samples,)
        Original labels or numbers.
    folds : list of (training positions, scoring positions)
    """

    X: pd.DataFrame
    y: NDArray[Any]
    folds: list[Fold]
    task: Task
    metric: str
    random_state: int


class Compare(Protocol):
    """Compares candidates in the order given.

    One row comes back for each candidate: 'ok' with the scores that scikit-learn's `cross_validate` gives on the same
    folds, 'failed' with the error, or 'skipped' with the seconds it would have needed. A candidate is not started when
    the budget is spent, and not continued when the folds done so far say that the others will not fit; so the budget is
    overrun by one fit of one fold at most.
    """

    def __call__(self, candidates: Sequence[Candidate], budget: Budget, progress: Progress) -> list[Row]:
        """One row for each candidate, in their order."""
        ...


class Engine(Protocol):
    """Opens a comparison: what takes its time whatever is compared, such as an import, stands here, outside budgets."""

    def __call__(self, comparison: Comparison) -> Compare:
        """What compares candidates on it."""
        ...
