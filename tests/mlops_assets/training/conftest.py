"""Two small problems with numbers, categories and missing values, whose truth is known."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops_assets.spec import UseCase
from mlops_assets.use_cases.load import check_use_case

Build = Callable[..., UseCase]

COLUMNS = {
    "size": {"kind": "numeric"},
    "noise": {"kind": "numeric"},
    "colour": {"kind": "category"},
    "label": {"kind": "category"},
    "minutes": {"kind": "numeric"},
    "at": {"kind": "datetime"},
}


@pytest.fixture()
def build() -> Build:
    """A use case of a task; keyword arguments override its training settings."""

    def of(task: str = "classification", columns: dict[str, Any] | None = None, **training: Any) -> UseCase:
        kind = task == "classification"
        settings = {"engine": "lean", "metric": "accuracy" if kind else "mae", "folds": 3, "budget_s": 600} | training
        named = COLUMNS | (columns or {})
        ignored = "minutes" if kind else "label"
        return check_use_case(
            {
                "name": "small",
                "description": "a small problem",
                "task": task,
                "target": "label" if kind else "minutes",
                "time": "at",
                "format": {"kind": "parquet"},
                "columns": named | {ignored: named[ignored] | {"feature": False}},
                "training": settings,
                "decision": {"loss": "zero_one" if kind else "absolute", "loss_max": 1 if kind else 50},
            },
            source="test",
        )

    return of


@pytest.fixture()
def frame() -> pd.DataFrame:
    """300 rows: the label follows size and colour, the minutes too; some values are missing."""
    random, n = np.random.default_rng(3), 300
    table = pd.DataFrame(
        {
            "size": random.normal(size=n),
            "noise": random.normal(size=n),
            "colour": random.choice(["red", "green", "blue"], n),
            "at": pd.date_range("2026-01-01", periods=n, freq="h"),
        }
    )
    strength = table["size"] + table["colour"].map({"red": 2.0, "green": 0.0, "blue": -2.0})
    table["label"] = np.array(["low", "middle", "high"])[np.digitize(strength, [-1.0, 1.0])]
    table["minutes"] = 10 * strength + random.normal(size=n)
    table.loc[:10, "size"] = np.nan
    table.loc[20:30, "colour"] = None
    return table
