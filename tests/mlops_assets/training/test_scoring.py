import numpy as np
import pytest
from sklearn.dummy import DummyRegressor
from sklearn.metrics import get_scorer, log_loss
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from mlops_assets.training.scoring import score, score_numbers, score_probabilities

X = np.random.default_rng(0).normal(size=(120, 3))
LABELS = np.digitize(X[:, 0] + X[:, 1] / 2, [-0.5, 0.5])


@pytest.mark.parametrize("name", ["accuracy", "balanced_accuracy", "f1_macro"])
def test_labels_score_as_scikit_learn_says(name):
    model = DecisionTreeClassifier(max_depth=3, random_state=0).fit(X[:60], LABELS[:60])
    expected = get_scorer(name)(model, X[60:], LABELS[60:])
    assert score(model, X[60:], LABELS[60:], "classification")[name] == pytest.approx(expected, abs=1e-12)


def test_log_loss_is_scikit_learns():
    model = DecisionTreeClassifier(max_depth=3, random_state=0).fit(X[:60], LABELS[:60])
    expected = log_loss(LABELS[60:], model.predict_proba(X[60:]))
    assert score(model, X[60:], LABELS[60:], "classification")["log_loss"] == pytest.approx(expected, abs=1e-12)


def test_numbers_score_as_scikit_learn_says():
    y = X[:, 0] * 2
    model = DecisionTreeRegressor(max_depth=2).fit(X[:60], y[:60])
    found = score(model, X[60:], y[60:], "regression")
    for name, scorer in {"mae": "neg_mean_absolute_error", "rmse": "neg_root_mean_squared_error"}.items():
        assert found[name] == pytest.approx(-get_scorer(scorer)(model, X[60:], y[60:]))
    assert found["r2"] == pytest.approx(get_scorer("r2")(model, X[60:], y[60:]))


def test_a_class_the_model_never_saw_costs_the_clipped_probability():
    probabilities = np.array([[0.5, 0.5], [0.5, 0.5]])
    found = score_probabilities(probabilities, np.array(["a", "b"]), np.array(["a", "c"]))
    # mean of -ln 0.5 and -ln 2**-52: (0.693 + 36.044) / 2
    assert found["log_loss"] == pytest.approx((np.log(2) + 52 * np.log(2)) / 2)
    assert found["accuracy"] == 0.5


def test_known_numbers():
    # errors 1 and 3: MAE 2, RMSE sqrt(5); deviations of y from its mean 1: 1 + 1, so R2 = 1 - 10 / 2
    assert score_numbers(np.array([1.0, 5.0]), np.array([0.0, 2.0])) == pytest.approx(
        {"mae": 2.0, "rmse": np.sqrt(5), "r2": -4.0}
    )


def test_r2_of_one_row_is_not_a_number():
    assert np.isnan(score(DummyRegressor().fit([[0]], [1.0]), [[0]], np.array([1.0]), "regression")["r2"])
