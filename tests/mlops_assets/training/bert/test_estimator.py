"""A fine-tuned model answers rows like any estimator, and needs PyTorch for its fit alone."""

import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from mlops_assets.training.bert.estimator import BertRegressor, held_out_inside

pytestmark = pytest.mark.slow


def test_it_learns_what_the_words_say(regressor, reviews):
    errors = np.abs(regressor.predict(reviews) - reviews["score"])
    assert errors.mean() < 1.5  # always answering the mean errs by 3


def test_categories_and_numbers_are_read_too(regressor):
    rows = pd.DataFrame({"text": ["a good film"] * 3, "colour": ["red", "blue", "red"], "size": [5.0, 5.0, 50.0]})
    red, blue, large = regressor.predict(rows)
    assert len({round(float(one), 4) for one in (red, blue, large)}) == 3


def test_strange_rows_get_finite_numbers(regressor):
    rows = pd.DataFrame({"text": ["", "хороший фильм " * 30], "colour": [np.nan, "violet"], "size": [np.nan, 1e30]})
    assert np.isfinite(regressor.predict(rows)).all()


def test_a_classifier_answers_shares_and_labels(classifier, reviews):
    shares = classifier.predict_proba(reviews)
    assert shares.shape == (90, 2)
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-5)
    assert classifier.classes_.tolist() == ["see it", "skip it"]
    assert (classifier.predict(reviews) == reviews["verdict"]).mean() > 0.9


def test_how_it_went_is_recorded(regressor):
    record = regressor.record_
    assert record["parity"] < 1e-4
    assert record["stopped"]
    assert {"epoch", "train_loss", "held_out_loss"} < set(record["curve"][0])
    assert set(record["libraries"]) == {"torch", "transformers", "tokenizers", "onnxruntime"}


def test_answers_do_not_depend_on_the_rows_beside(regressor, reviews):
    together = regressor.predict(reviews.head(5))
    alone = [regressor.predict(reviews.iloc[[row]])[0] for row in range(5)]
    np.testing.assert_allclose(together, alone, atol=1e-4)


def test_answering_needs_no_pytorch(regressor, reviews, tmp_path):
    (tmp_path / "model").write_bytes(pickle.dumps(regressor))
    reviews.to_pickle(tmp_path / "rows")
    code = (
        "import pickle, sys, pandas as pd; from pathlib import Path; folder = Path(sys.argv[1]);"
        "model = pickle.loads((folder / 'model').read_bytes());"
        "print(model.predict(pd.read_pickle(folder / 'rows'))[0]);"
        "print([name for name in ('torch', 'transformers') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True, timeout=600
    )
    answer, loaded = done.stdout.split("\n")[:2]
    assert loaded == "[]"
    assert float(answer) == pytest.approx(float(regressor.predict(reviews.head(1))[0]), abs=1e-4)


@pytest.mark.parametrize("task", ["regression", "classification"])
def test_its_half_learns_what_the_words_say_with_fewer_bytes(task, regressor, classifier, reviews):
    whole = regressor if task == "regression" else classifier
    half = whole.halved()
    assert len(half.served_.graph) < 0.8 * len(whole.served_.graph)
    if task == "regression":
        assert np.abs(half.predict(reviews) - reviews["score"]).mean() < 1.5  # always answering the mean errs by 3
    else:
        assert (half.predict(reviews) == reviews["verdict"]).mean() > 0.9


def test_the_network_of_a_fit_is_not_kept_with_the_model(regressor):
    assert not {"_fitted", "_open"} & set(vars(pickle.loads(pickle.dumps(regressor))))


def test_a_clone_is_unfitted_and_equal(regressor):
    again = clone(regressor)
    assert isinstance(again, BertRegressor)
    assert again.get_params() == regressor.get_params()
    assert not hasattr(again, "served_")


def test_the_rows_held_out_inside_are_the_last_ones_where_time_counts():
    assert held_out_inside(50, "time", 1).tolist() == [45, 46, 47, 48, 49]
    drawn = held_out_inside(50, "random", 1)
    assert len(drawn) == 5
    assert drawn.tolist() == held_out_inside(50, "random", 1).tolist() != [45, 46, 47, 48, 49]
    assert len(held_out_inside(50_000, "random", 1)) == 1000
