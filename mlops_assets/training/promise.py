"""What the folds of a model, in the order of time, promise for the rows that come next."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mlops_assets.spec.tables import METRICS
from mlops_assets.training.board import Leaderboard

FOLDS_MIN = 3  # a trend takes two, and one more shows what it was worth

# How the next fold may follow from those before: from a sequence of distances from perfect, oldest first.
FORECASTS: dict[str, Callable[[Sequence[float]], float]] = {
    "the mean of the folds": lambda seen: float(np.mean(seen)),
    "the last fold": lambda seen: seen[-1],
    "the last fold and its change": lambda seen: max(0.0, 2 * seen[-1] - seen[-2]),
}


@dataclass(frozen=True)
class Promise:
    """A metric on the rows that come next: what is expected, between what it may be, and what that follows from."""

    expected: float
    low: float
    high: float
    by: str

    def sentence(self, metric: str) -> str:
        """In words."""
        return f"{metric} {self.expected:.4g} is to be expected next ({self.low:.4g} to {self.high:.4g}), by {self.by}"


def promised(scores: Sequence[float], larger_is_better: bool) -> Promise | None:
    """The promise of a model's folds in the order of time; None of fewer than three, or where one could not say.

    Parameters
    ----------
    scores : a metric of each fold, whose best value is 1 where larger is better and 0 elsewhere

    Notes
    -----
    Each forecast is asked for every fold from the third on, knowing those before it; the one that erred least in sum is
    asked for what comes next (prequential choice: Dawid, JRSS A 147, 1984). A level that stays, jumps, or moves is each
    known by one of them. The range is as wide as its largest error: were its k errors exchangeable with the next, that
    would lie within it with a chance of k / (k + 1), by its rank. A change after the last fold is in no fold, and in no
    range.
    """
    if len(scores) < FOLDS_MIN or not np.isfinite(scores).all():
        return None
    seen = [1 - score for score in scores] if larger_is_better else list(scores)
    errors = {
        name: [abs(forecast(seen[:fold]) - seen[fold]) for fold in range(FOLDS_MIN - 1, len(seen))]
        for name, forecast in FORECASTS.items()
    }
    by = min(errors, key=lambda name: sum(errors[name]))
    expected, reach = FORECASTS[by](seen), max(errors[by])
    low, high = max(0.0, expected - reach), expected + reach
    return Promise(1 - expected, 1 - high, 1 - low, by) if larger_is_better else Promise(expected, low, high, by)


def promised_by(board: Leaderboard, candidate: str, order: Literal["random", "time"]) -> Promise | None:
    """What the folds of a candidate promise of the board's metric; None where they are not in the order of time."""
    row = next(row for row in board.rows if row.candidate == candidate)
    if order != "time":
        return None
    return promised(row.scores[board.metric], METRICS[board.metric][1])
