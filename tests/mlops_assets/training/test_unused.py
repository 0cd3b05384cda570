import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyRegressor

from mlops_assets.training.unused import unused_features

ROWS = pd.DataFrame(
    {
        "size": np.arange(400.0),
        "idle": np.tile([1.0, 2.0, np.nan, 4.0], 100),
        "colour": np.tile(["red", "blue"], 200),
        "note": [f"word{at}" for at in range(400)],
        "still": 5.0,
    }
)


class Answering:
    """A fitted pipeline that answers by a function of the rows."""

    def __init__(self, answer):
        self.predict = answer


USES = {
    "size": lambda X: X["size"] * 2,
    "size where few rows are": lambda X: X["size"] > 398.5,
    "idle beyond all that is there": lambda X: X["size"] * (X["idle"] > 4.5),
    "idle below all that is there": lambda X: X["size"] * (X["idle"] < 0.5),
    "whether idle is missing": lambda X: X["size"] + X["idle"].isna(),
    "one colour": lambda X: X["size"] + (X["colour"] == "red"),
    "a colour that is new": lambda X: X["size"] + ~X["colour"].isin(["red", "blue"]),
    "words that are new": lambda X: X["size"] + ~X["note"].str.startswith("word"),
}
IDLE = {
    "size": {"idle", "colour", "note"},
    "size where few rows are": {"idle", "colour", "note"},
    "idle beyond all that is there": {"colour", "note"},
    "idle below all that is there": {"colour", "note"},
    "whether idle is missing": {"colour", "note"},
    "one colour": {"idle", "note"},
    "a colour that is new": {"idle", "note"},
    "words that are new": {"idle", "colour"},
}


@pytest.mark.parametrize("uses", USES)
def test_what_changes_no_answer_is_unused(uses):
    assert unused_features(Answering(USES[uses]), ROWS) == IDLE[uses]


def test_a_feature_that_moves_an_answer_by_a_hair_is_used():
    assert "idle" not in unused_features(Answering(lambda X: X["size"] + 1e-9 * X["idle"].fillna(0)), ROWS)


def test_a_probability_that_moves_is_a_use_though_the_class_stays():
    sure = Answering(lambda X: np.ones(len(X)))
    sure.predict_proba = lambda X: np.stack([X["size"] / 1e6, 1 - X["size"] / 1e6], axis=1)
    assert unused_features(sure, ROWS) == {"idle", "colour", "note"}


def test_a_model_that_listens_to_nothing_uses_all():
    assert unused_features(DummyRegressor().fit(ROWS, ROWS["size"]), ROWS) == frozenset()


def test_a_feature_that_never_varied_counts_as_used():
    assert "still" not in unused_features(Answering(USES["size"]), ROWS)
