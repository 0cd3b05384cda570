import numpy as np
import pandas as pd
import pytest

from mlops_assets.training.memory.traits import traits_of

X = pd.DataFrame(
    {
        "a": [1.0, 2.0, 3.0, np.nan] * 25,
        "b": np.arange(100.0),
        "c": pd.Series(["red", "blue", np.nan, "red"] * 25, dtype=object),
        "d": 1.0,
    }
)


def test_traits_of_numbers_by_hand():
    found = traits_of(X, 2 * X["b"].to_numpy() + 1, "regression")
    assert found["log_rows"] == 2
    assert found["log_columns"] == pytest.approx(0.60206, abs=1e-5)  # log10 of 4
    assert found["log_levels"] == pytest.approx(0.47712, abs=1e-5)  # two levels and 1: log10 of 3
    assert (found["category_share"], found["missing_share"]) == (0.25, 0.125)  # 50 of 400 cells
    # 1, 3, ..., 199: mean 100, deviation 2 * sqrt((100**2 - 1) / 12) = 57.73
    assert found["target_spread"] == pytest.approx(0.5773, abs=1e-4)
    assert found["target_skew"] == pytest.approx(0)
    assert found["linear"] == pytest.approx(1.0)


def test_traits_of_classes_by_hand():
    labels = np.where(np.arange(100) % 4 == 0, "yes", "no")  # shares 1/4 and 3/4: 0.5 + 0.3113 bits
    found = traits_of(X, labels, "classification")
    assert found["target_spread"] == pytest.approx(0.8113, abs=1e-4)
    assert found["target_skew"] == 0


def test_a_model_worse_than_the_mean_counts_as_minus_one():
    y = np.concatenate([np.arange(50.0), 1000 - np.arange(50.0)])
    assert traits_of(X[["b"]], y, "regression")["tree"] == -1.0


def test_a_constant_target_has_no_spread():
    found = traits_of(X, np.zeros(100), "regression")
    assert (found["target_spread"], found["target_skew"]) == (0, 0)
