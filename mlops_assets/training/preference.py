"""Which row of a leaderboard wins: the best score, or the cheapest answer among those as good."""

import math
from typing import Literal

import numpy as np

from mlops_assets.spec.tables import METRICS
from mlops_assets.training.board import Leaderboard, Row
from mlops_assets.training.candidates import BASELINE

Preference = Literal["best", "cheaper_if_equivalent"]

# Of 20 medians of one candidate, taken in turn on a machine with four busy processes a core, the ninth decile was 1.3
# to 1.4 times the first (TF-IDF of words, 0.8 ms); a smaller gain is none.
SAME_COST = 1.5


def preferred(board: Leaderboard, preference: Preference) -> Row:
    """The winner of a board with at least one score.

    Notes
    -----
    'cheaper_if_equivalent' is the one-standard-error rule (Breiman, Friedman, Olshen, Stone: Classification and
    Regression Trees, 1984, section 3.4.3) with milliseconds a request in place of the size of a tree: of all candidates
    whose mean score is at most one standard error of the best one's mean away from it, the cheapest. Among those at
    most half as dear again as the cheapest the score decides. The baseline takes part only where it is the best.

    Examples
    --------
    >>> slow = Row("slow", "forest", "plain", "ok", {"mae": (1.0, 1.2, 1.1)}, request_ms=9.0)
    >>> fast = Row("fast", "linear", "plain", "ok", {"mae": (1.1, 1.2, 1.15)}, request_ms=1.0)
    >>> board = Leaderboard.of([slow, fast], "mae")
    >>> [preferred(board, each).candidate for each in ("best", "cheaper_if_equivalent")]
    ['slow', 'fast']
    """
    if preference == "best":
        return board.best
    as_good = equivalents(board)
    cheapest = min(row.request_ms for row in as_good)
    return next(row for row in as_good if row.request_ms <= SAME_COST * cheapest)


def equivalents(board: Leaderboard) -> list[Row]:
    """Rows within one standard error of the best, best first."""
    best, metric = board.best, board.metric
    error = _standard_error(board)
    sign = 1.0 if METRICS[metric][1] else -1.0
    return [
        row
        for row in board.ok
        if row is best or (row.family != BASELINE and sign * (board.level(best) - board.level(row)) <= error)
    ]


def _standard_error(board: Leaderboard) -> float:
    """Of the best row's mean; where it has one fold, the deviation of a fold as the best of the other rows shows it."""
    scores = [row.scores[board.metric] for row in board.ok]
    several = next((folds for folds in scores if len(folds) > 1), None)
    return 0.0 if several is None else float(np.std(several, ddof=1)) / math.sqrt(len(scores[0]))
