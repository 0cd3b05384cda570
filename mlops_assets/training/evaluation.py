"""What a fitted model is worth on held-out rows, and whether a challenger may register."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops_assets.spec import UseCase
from mlops_assets.training.scoring import score, score_numbers, score_probabilities

RESAMPLES = 1000
CONFIDENCE = 0.95
CELLS_MAX = 2_000_000  # resampled rows held in memory at once


@dataclass(frozen=True)
class Difference:
    """Mean champion loss minus mean challenger loss, with a bootstrap interval; positive = the challenger is better."""

    estimate: float
    low: float
    high: float
    rows: int


@dataclass(frozen=True)
class Interval:
    """A metric with its bootstrap interval."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class Gate:
    """Whether the new model may be registered, and the sentence that says why."""

    passed: bool
    reason: str


def evaluate(pipeline: Any, X: pd.DataFrame, y: NDArray[Any], use_case: UseCase) -> dict[str, float]:
    """Every metric of the task on these rows."""
    _check_rows(len(X), len(y))
    return score(pipeline, X, y, use_case.task)


def evaluate_intervals(
    pipeline: Any,
    X: pd.DataFrame,
    y: NDArray[Any],
    use_case: UseCase,
    *,
    resamples: int = 200,
    random_state: int = 0,
) -> dict[str, Interval]:
    """Every metric with its percentile-bootstrap interval over rows; the model predicts once.

    R2 and the macro scores are not means over rows, so each resample is scored anew.
    """
    _check_rows(len(X), len(y))
    answers = pipeline.predict_proba(X) if use_case.task == "classification" else pipeline.predict(X)

    def metrics(rows: NDArray[np.int64]) -> dict[str, float]:
        if use_case.task == "classification":
            return score_probabilities(answers[rows], pipeline.classes_, y[rows])
        return score_numbers(answers[rows], y[rows])

    random = np.random.default_rng(random_state)
    draws = pd.DataFrame([metrics(random.integers(0, len(y), len(y))) for _ in range(resamples)])
    low, high = draws.quantile((1 - CONFIDENCE) / 2), draws.quantile((1 + CONFIDENCE) / 2)
    exact = metrics(np.arange(len(y)))
    return {name: Interval(value, float(low[name]), float(high[name])) for name, value in exact.items()}


def compare(
    champion_losses: NDArray[np.float64],
    challenger_losses: NDArray[np.float64],
    *,
    confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES,
    random_state: int = 0,
) -> Difference:
    """Mean paired difference of two models' losses on the same rows, with its percentile-bootstrap interval.

    Notes
    -----
    Efron, Tibshirani: An Introduction to the Bootstrap (1993), chapter 13. Rows are resampled in pairs.
    """
    _check_rows(len(champion_losses), len(challenger_losses))
    differences = np.asarray(champion_losses) - np.asarray(challenger_losses)
    random, size = np.random.default_rng(random_state), len(differences)
    step = max(1, CELLS_MAX // size)
    means = np.concatenate(
        [
            differences[random.integers(0, size, (min(step, resamples - done), size))].mean(axis=1)
            for done in range(0, resamples, step)
        ]
    )
    low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Difference(float(differences.mean()), float(low), float(high), size)


def gate(old: Difference | None, new: Difference | None, worse_by_max: float) -> Gate:
    """Refuses a challenger that is surely worse than the champion.

    Parameters
    ----------
    old : Difference or None
        On held-out rows of batches the champion was trained on; None when there are none.
    new : Difference or None
        On held-out rows of batches that came after it.
    worse_by_max : float
        Loss by which the challenger may be worse on old batches, in units of the loss.

    Notes
    -----
    'Surely': the whole interval lies below the allowance. A difference that held-out rows cannot tell from zero is for
    live traffic to judge.
    """
    if old is None and new is None:
        return Gate(True, "no champion to compare with")
    refusals = []
    for name, difference, allowance in (("old", old, worse_by_max), ("new", new, 0.0)):
        if difference is not None and difference.high < -allowance:
            refusals.append(f"worse on {name} batches: {_words(difference)}; {allowance:.4g} more is allowed")
    if refusals:
        return Gate(False, "; ".join(refusals))
    shown = [f"on {name} batches {_words(each)}" for name, each in (("old", old), ("new", new)) if each is not None]
    return Gate(True, f"not surely worse: {'; '.join(shown)}")


def _words(difference: Difference) -> str:
    """The difference from the champion's loss, as what is more or less of it."""
    change = "less" if difference.estimate >= 0 else "more"
    gain, ends = abs(difference.estimate), (difference.low, difference.high)
    low, high = ends if change == "less" else (-ends[1], -ends[0])
    return (
        f"the mean loss is {gain:.4g} {change} than the champion's "
        f"({CONFIDENCE:.0%} interval {low:.4g} to {high:.4g}, {difference.rows:,} rows)"
    )


def _check_rows(first: int, second: int) -> None:
    if first != second:
        raise ValueError(f"rows differ: {first} and {second}; both must describe the same rows")
    if first == 0:
        raise ValueError("no rows to evaluate on")
