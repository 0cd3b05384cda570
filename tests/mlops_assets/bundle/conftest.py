"""A small problem, fitted pipelines for it, and written bundles."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import Pipeline

from mlops_assets.bundle.export import write_bundle
from mlops_assets.spec import UseCase
from mlops_assets.training.candidates import build_candidates, describe_problem
from mlops_assets.training.features import feature_frame, target_values
from mlops_assets.use_cases.load import check_use_case


@pytest.fixture(scope="session")
def use_case() -> Callable[[str], UseCase]:
    """A use case of a task with a number, a category, a text, dates and a derived column."""

    def of(task: str) -> UseCase:
        kind = task == "classification"
        return check_use_case(
            {
                "name": "small",
                "description": "a small problem",
                "task": task,
                "target": "label" if kind else "minutes",
                "format": {"kind": "parquet"},
                "columns": {
                    "id": {"kind": "id"},
                    "day": {"kind": "datetime", "format": "%Y-%m-%d", "nullable": False},
                    "size in cm": {"kind": "numeric", "min": -10, "max": 10},
                    "weight": {"kind": "numeric", "nullable": False},
                    "colour": {"kind": "category"},
                    "side": {"kind": "category", "allowed": ["left", "right"]},
                    "words": {"kind": "text"},
                    "label": {"kind": "category", "feature": False},
                    "minutes": {"kind": "numeric", "feature": False},
                    "weekday": {"kind": "numeric", "derive": {"take": "weekday", "of": ["day"]}},
                },
                "training": {"engine": "lean", "metric": "accuracy" if kind else "mae"},
                "decision": {"loss": "zero_one" if kind else "absolute", "loss_max": 1 if kind else 50},
            },
            source="test",
        )

    return of


@pytest.fixture(scope="session")
def frame() -> pd.DataFrame:
    """240 rows as they lie behind the decoder's door."""
    random, n = np.random.default_rng(5), 240
    table = pd.DataFrame(
        {
            "size in cm": random.normal(size=n).round(3),
            "weight": random.uniform(1, 2, size=n),
            "colour": random.choice(["red", "green", "blue"], n),
            "side": random.choice(["left", "right"], n),
            "weekday": random.integers(0, 7, n).astype(float),
        }
    )
    strength = table["size in cm"] + table["colour"].map({"red": 1.5, "green": 0.0, "blue": -1.5})
    table["words"] = np.where(strength > 0, "a good film", "a bad plot")
    table["label"] = np.where(strength > 0.5, "high", "low")
    table["minutes"] = 10 * strength + 30
    table.loc[:10, "size in cm"] = np.nan
    table.loc[20:30, "colour"] = None
    return table


@pytest.fixture(scope="session")
def fitted(use_case: Callable[[str], UseCase], frame: pd.DataFrame) -> Callable[[str, str], Pipeline]:
    """The fitted candidate of a task and a name."""
    known: dict[tuple[str, str], Any] = {}

    def of(task: str, name: str) -> Pipeline:
        if (task, name) not in known:
            case = use_case(task)
            X, y = feature_frame(frame, case), target_values(frame, case)
            candidates = build_candidates(describe_problem(X, case), case)
            known[task, name] = next(each for each in candidates if each.name == name).pipeline.fit(X, y)
        return known[task, name]

    return of


@pytest.fixture()
def write(
    use_case: Callable[[str], UseCase], fitted: Callable[[str, str], Pipeline], frame: pd.DataFrame, tmp_path: Path
) -> Callable[..., Path]:
    """Writes the bundle of a candidate and gives its folder."""

    def of(name: str = "linear scaled", task: str = "classification", **more: Any) -> Path:
        case, folder = use_case(task), tmp_path / "bundle"
        X, y = feature_frame(frame, case), target_values(frame, case)
        write_bundle(folder, fitted(task, name), case, b"reference", X, y, **more)
        return folder

    return of
