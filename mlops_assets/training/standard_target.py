"""A linear model whose settings mean the same whatever the unit of the target."""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, RegressorMixin, clone


class StandardTarget(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """A linear regression fitted on the standardised target, then told the target's own unit.

    A support vector machine for regression weighs its errors by `C` in the target's unit, and holds its intercept back
    like any coefficient; on minutes around 120 both go wrong. Unlike scikit-learn's TransformedTargetRegressor the
    fitted model answers in the target's unit by itself, so that it can be exported and read.

    Parameters
    ----------
    model : estimator
        Unfitted, with `coef_` and `intercept_` once fitted.

    Attributes
    ----------
    model_ : estimator
        Fitted; coefficients and answers in the target's unit.

    Examples
    --------
    >>> from sklearn.svm import LinearSVR
    >>> X = np.array([[0.0], [1.0], [2.0], [3.0]])
    >>> model = StandardTarget(LinearSVR(C=10, dual="auto", random_state=0)).fit(X, 1000 + 600 * X[:, 0])
    >>> model.predict([[1.5]]).round(-2).tolist()
    [1900.0]
    """

    def __init__(self, model: Any) -> None:
        self.model = model

    def fit(self, X: Any, y: Any) -> Self:
        """Fit a clone of the model; a constant target counts as one of deviation 1."""
        mean, deviation = float(np.mean(y)), float(np.std(y)) or 1.0
        self.model_ = clone(self.model).fit(X, (np.asarray(y) - mean) / deviation)
        self.model_.coef_ = self.model_.coef_ * deviation
        self.model_.intercept_ = self.model_.intercept_ * deviation + mean
        return self

    def predict(self, X: Any) -> NDArray[np.float64]:
        """Numbers in the target's unit, shape (n_samples,)."""
        return np.asarray(self.model_.predict(X))
