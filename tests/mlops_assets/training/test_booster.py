import numpy as np
import pytest
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from mlops_assets.training.booster import Booster

X = np.arange(8.0).reshape(-1, 1)


def test_labels_come_back_as_they_went_in():
    y = np.array(["low", "high"] * 4)
    model = Booster(DecisionTreeClassifier()).fit(X, y)
    assert model.predict(X).tolist() == y.tolist()
    assert model.classes_.tolist() == ["high", "low"]


def test_the_inner_model_sees_codes():
    assert Booster(DecisionTreeClassifier()).fit(X, np.repeat([3, 9], 4)).model_.classes_.tolist() == [0, 1]


def test_numbers_pass_through():
    assert Booster(DecisionTreeRegressor()).fit(X, X[:, 0]).predict(X).tolist() == X[:, 0].tolist()


def test_it_is_what_its_model_is():
    assert is_classifier(Booster(DecisionTreeClassifier()))
    assert is_regressor(Booster(DecisionTreeRegressor()))
    assert not hasattr(Booster(DecisionTreeRegressor()), "predict_proba")


def test_a_clone_is_not_fitted_and_keeps_its_arguments():
    fitted = Booster(DecisionTreeClassifier(), {"sample_weight": np.ones(8)}).fit(X, np.repeat([0, 1], 4))
    copy = clone(fitted)
    assert not hasattr(copy, "model_")
    assert copy.fit_params["sample_weight"].sum() == 8


def test_one_class_is_refused():
    with pytest.raises(ValueError, match="one class only, 'a'"):
        Booster(DecisionTreeClassifier()).fit(X, np.array(["a"] * 8))
