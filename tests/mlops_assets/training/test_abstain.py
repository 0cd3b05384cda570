import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from mlops_assets.training.abstain import ENOUGH, learn_abstention
from mlops_assets.training.folds import stratified_folds
from mlops_assets.training.out_of_fold import out_of_fold


def rows(n, random_state):
    random = np.random.default_rng(random_state)
    y = random.integers(0, 2, n)
    return pd.DataFrame({"x": y + random.normal(0, 1, n)}), y


@pytest.fixture(scope="module")
def fitted():
    X, y = rows(150, 1)
    return LogisticRegression().fit(X, y), X, y


def learn(fitted, held_out_rows, use_case, said=None):
    model, X, y = fitted
    X_held, truth = rows(held_out_rows, 2)
    told = said.append if said is not None else lambda _: None
    found = learn_abstention(model, (X, y, None), (X_held, model.predict_proba(X_held), truth), use_case, told)
    return found and found.limit


def test_enough_held_out_rows_calibrate_alone(build, fitted):
    said = []
    assert learn(fitted, ENOUGH, build(abstain_error=0.1), said).rows == ENOUGH
    assert len(said) == 1 and said[0].startswith("abstains from ")


def test_few_held_out_rows_are_joined_by_out_of_fold_answers(build, fitted):
    assert learn(fitted, 20, build(abstain_error=0.1)).rows == 170


def test_nothing_is_calibrated_that_was_not_asked_for(build, fitted):
    assert learn(fitted, 20, build()) is None


def test_both_ways_keep_the_promise(build, fitted):
    X, y = rows(4000, 3)
    probabilities = fitted[0].predict_proba(X)
    for held_out in (20, 400):
        found = learn(fitted, held_out, build(abstain_error=0.1))
        # of 170 or 400 rows the share covered has a standard deviation of sqrt(0.1 * 0.9 / 170) = 2.3 points
        assert found.covers(probabilities, fitted[0].classes_, y).mean() == pytest.approx(0.9, abs=0.05)


def test_each_row_is_answered_by_a_fit_that_did_not_see_it():
    # labels are noise: a model that has seen them all but remembers nothing is right for one half
    random = np.random.default_rng(0)
    X, y = pd.DataFrame(random.normal(size=(60, 30))), random.integers(0, 2, 60)
    model = LogisticRegression(C=1e6, max_iter=2000).fit(X, y)
    assert model.score(X, y) > 0.85
    found = out_of_fold(model, X, y, stratified_folds(y, 5, 0))
    assert (model.classes_[found.argmax(axis=1)] == y).mean() < 0.75


def test_a_class_that_a_fold_lacks_has_no_probability_there():
    X, y = pd.DataFrame({"x": np.arange(10.0)}), np.array(["a"] * 5 + ["b"] * 4 + ["c"])
    model = LogisticRegression().fit(X, y)
    found = out_of_fold(model, X, y, [(np.arange(9), np.array([9]))])
    assert found[9, 2] == 0.0
    assert np.isnan(found[:9]).all()
