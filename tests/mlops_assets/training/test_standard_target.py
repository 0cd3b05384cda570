import numpy as np
import pytest
from sklearn.base import clone
from sklearn.svm import LinearSVR

from mlops_assets.training.standard_target import StandardTarget

X = np.random.default_rng(0).normal(size=(200, 3))
Y = X @ [1.0, -2.0, 0.5] + 3.0


def machine():
    return StandardTarget(LinearSVR(C=1.0, dual="auto", max_iter=20_000, random_state=0))


def test_the_unit_of_the_target_does_not_matter():
    minutes = machine().fit(X, Y).predict(X)
    seconds = machine().fit(X, 60 * Y + 7200).predict(X)
    np.testing.assert_allclose(seconds, 60 * minutes + 7200, rtol=1e-6)


def test_the_machine_alone_fails_at_a_large_unit():
    """The reason for the class: an intercept that is held back does not reach 7200."""
    alone = LinearSVR(C=1e-3, dual="auto", max_iter=20_000, random_state=0)
    far = np.abs(clone(alone).fit(X, 60 * Y + 7200).predict(X) - (60 * Y + 7200)).mean()
    near = np.abs(StandardTarget(LinearSVR(C=1.0, dual="auto", random_state=0)).fit(X, 60 * Y + 7200).predict(X))
    assert far > 1000
    assert np.abs(near - (60 * Y + 7200)).mean() < 5


def test_coefficients_are_in_the_targets_unit():
    model = machine().fit(X, Y).model_
    assert model.coef_.tolist() == pytest.approx([1.0, -2.0, 0.5], abs=0.02)
    assert model.intercept_ == pytest.approx(3.0, abs=0.02)


def test_a_constant_target_is_answered():
    assert machine().fit(X, np.full(200, 7.0)).predict(X[:1]).tolist() == pytest.approx([7.0])
