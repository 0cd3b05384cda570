"""What one request costs a fitted candidate."""

from statistics import median
from typing import Any

import pandas as pd

from mlops_assets.spec import Task
from mlops_assets.training.budget import Stopwatch

CALLS = 25  # their median is steady to some tenths of a millisecond; the first calls, which warm up, do not move it


def request_ms(pipeline: Any, X: pd.DataFrame, task: Task, stopwatch: Stopwatch) -> float:
    """Median milliseconds of asking about one row, over 25 rows of X in turn.

    The scikit-learn pipeline is asked, not the graph that may serve it later: the graph of each candidate would have to
    be made first. The order among candidates is nearly the same.
    """
    ask = pipeline.predict_proba if task == "classification" else pipeline.predict
    spent = []
    for call in range(CALLS):
        row = X.iloc[[call % len(X)]]
        started = stopwatch()
        ask(row)
        spent.append(stopwatch() - started)
    return 1000 * median(spent)
