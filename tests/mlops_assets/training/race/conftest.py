"""A linear stream whose truth is known, and the rules of a race over it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline

from mlops_assets.spec.race import RacePolicy
from mlops_assets.training.race.rules import Rules
from mlops_assets.training.race.window import Rows, Window

DAY = np.timedelta64(86_400_000_000_000, "ns")
START = np.datetime64("2026-01-01", "ns")


def absolute(pipeline: Pipeline, X: Any, y: Any) -> Any:
    return np.abs(pipeline.predict(X) - y)


@pytest.fixture()
def window() -> Callable[..., Window]:
    """The n-th day: y = slope * x + noise, and labels that come `delay` days after the row."""

    def of(day: int, slope: float, rows: int = 40, delay: float = 0.0, noise: float = 0.0) -> Window:
        start = START + day * DAY
        x, error = np.random.default_rng(day).normal(size=(2, rows))
        at = start + np.arange(rows) * (DAY // max(rows, 1))
        known = at + np.timedelta64(int(delay * 86_400), "s")
        return Window(f"day {day}", start, pd.DataFrame({"x": x}), slope * x + noise * error, known)

    return of


@pytest.fixture()
def rows(window: Callable[..., Window]) -> Callable[..., Rows]:
    """Rows of the n-th day."""
    return lambda day, rows=40: window(day, 1.0, rows).rows(day)


@pytest.fixture()
def rules() -> Callable[..., Rules]:
    """A linear recipe; keyword arguments are keys of the policy, `stopwatch` aside."""

    def of(stopwatch: Callable[[], float] = lambda: 0.0, **policy: Any) -> Rules:
        recipe = Pipeline(
            [("prepare", ColumnTransformer([("numeric", "passthrough", ["x"])])), ("model", LinearRegression())]
        )
        wanted = {"recent": 2, "rows_min": 40} | policy
        return Rules(recipe, "linear", RacePolicy(**wanted), absolute, unseen_max=0.0, stopwatch=stopwatch)

    return of
