"""Fits of the small pretrained model on a small table."""

import numpy as np
import pandas as pd
import pytest

from mlops_assets.spec import Bert
from mlops_assets.training.bert.estimator import BertClassifier, BertRegressor


@pytest.fixture(scope="session")
def settings(minilm):
    """A few quick steps; keyword arguments override."""

    def of(**changed):
        quick = {"learning_rate": 2e-4, "batch": 8, "epochs_max": 2, "length_max": 16, "threads": 1}
        return Bert(**{"model": str(minilm), **quick, **changed})

    return of


@pytest.fixture(scope="session")
def reviews():
    """90 short texts with a colour and a number; 'good' means 3, 'bad' -3, red adds 1."""
    random, n = np.random.default_rng(3), 90
    good, red = random.random(n) < 0.5, random.random(n) < 0.5
    words = random.choice(["film", "plot", "cast", "story"], n)
    return pd.DataFrame(
        {
            "text": [f"a {'good' if one else 'bad'} {word}" for one, word in zip(good, words, strict=True)],
            "colour": np.where(red, "red", "blue"),
            "size": np.where(np.arange(n) % 9, random.normal(5, 2, n), np.nan),
            "score": np.where(good, 3.0, -3.0) + np.where(red, 1.0, 0.0),
            "verdict": np.where(good, "see it", "skip it"),
        }
    )


@pytest.fixture(scope="session")
def regressor(settings, reviews):
    """Fitted on the mixed table."""
    model = BertRegressor(("text",), ("colour",), ("size",), settings(), "mae", "random", 7)
    return model.fit(reviews, reviews["score"].to_numpy())


@pytest.fixture(scope="session")
def classifier(settings, reviews):
    """Fitted on texts alone."""
    model = BertClassifier(("text",), (), (), settings(epochs_max=2), "accuracy", "random", 7)
    return model.fit(reviews, reviews["verdict"].to_numpy())
