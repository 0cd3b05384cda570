import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline

from mlops_assets.training.race.explained import Explained, distance, explain_window
from mlops_assets.use_cases.load import check_use_case

CASE = check_use_case(
    {
        "name": "small",
        "description": "a small problem",
        "task": "regression",
        "target": "y",
        "format": {"kind": "parquet"},
        "columns": {name: {"kind": "numeric"} for name in ("a", "b", "y")},
        "training": {"metric": "mae", "explain_rows": 4},
        "decision": {"loss": "absolute"},
    },
    source="test",
)
X = pd.DataFrame({"a": [0.0, 2.0, 0.0, 2.0], "b": [0.0, 0.0, 2.0, 2.0]})


def pipeline(model):
    prepare = ColumnTransformer([("numeric", "passthrough", ["a", "b"])])
    return Pipeline([("prepare", prepare), ("model", model)])


def test_shares_by_hand():
    # y = 3a + b: |3 (a - 1)| = 3 and |b - 1| = 1 in every row, so 3/4 and 1/4
    fitted = pipeline(LinearRegression()).fit(X, 3 * X["a"] + X["b"])
    found = explain_window("day 1", "keep", fitted, X, CASE, before=None)
    assert found.shares == pytest.approx({"a": 0.75, "b": 0.25})
    assert (found.moved, found.note) == (None, "")
    assert found.gap < 1e-12


def test_what_moved_is_measured_against_the_window_before():
    before = Explained("day 0", "keep", {"a": 0.25, "b": 0.75}, 0.0, None, "")
    fitted = pipeline(LinearRegression()).fit(X, 3 * X["a"] + X["b"])
    assert explain_window("day 1", "keep", fitted, X, CASE, before).moved == pytest.approx(0.5)


def test_a_model_without_explanation_leaves_its_reason():
    fitted = pipeline(DummyRegressor()).fit(X, np.arange(4.0))
    found = explain_window("day 1", "keep", fitted, X, CASE, before=None)
    assert found.shares == {}
    assert "SHAP cannot explain DummyRegressor" in found.note


def test_the_distance_is_between_nothing_and_all():
    assert distance({"a": 1.0}, {"a": 1.0}) == 0
    assert distance({"a": 1.0}, {"b": 1.0}) == 1


def test_a_model_that_listens_to_nothing_has_shares_of_nothing():
    fitted = pipeline(LinearRegression()).fit(X, np.ones(4))
    assert explain_window("day 1", "keep", fitted, X, CASE, before=None).shares == {"a": 0, "b": 0}
