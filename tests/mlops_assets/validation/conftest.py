"""One use case with a rule of each kind, and a decoded batch of it."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from mlops_assets.spec import UseCase

COLUMNS: dict[str, Any] = {
    "number": {"kind": "id", "nullable": False},
    "at": {"kind": "datetime"},
    "weight": {"kind": "numeric", "min": 0, "max": 100, "missing_share_max": 0.5},
    "colour": {"kind": "category", "allowed": ["red", "5"]},
    "minutes": {"kind": "numeric", "nullable": False},
}


@pytest.fixture
def make_use_case() -> Callable[..., UseCase]:
    def make(**keys: Any) -> UseCase:
        values: dict[str, Any] = {
            "name": "parcels",
            "description": "Minutes by weight.",
            "task": "regression",
            "target": "minutes",
            "time": "at",
            "format": {"kind": "delimited"},
            "columns": COLUMNS,
            "training": {"metric": "mae"},
            "decision": {"loss": "absolute"},
        }
        return UseCase.model_validate(values | keys)

    return make


@pytest.fixture
def make_batch() -> Callable[..., pd.DataFrame]:
    def make(n_rows: int = 10, **columns: list[Any]) -> pd.DataFrame:
        frame = pd.DataFrame(
            {
                "number": [str(row) for row in range(n_rows)],
                "at": pd.date_range("2024-05-01", periods=n_rows, freq="h"),
                "weight": [float(row) for row in range(n_rows)],
                "colour": ["red", "5"] * (n_rows // 2),
                "minutes": [float(10 + row) for row in range(n_rows)],
                "_unparsable": pd.Series([None] * n_rows, dtype=object),
            }
        )
        return frame.assign(**columns)

    return make
