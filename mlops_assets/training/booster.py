"""A boosting library's model behind scikit-learn's rules for labels."""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, clone
from sklearn.utils.metaestimators import available_if


class Booster(BaseEstimator):  # type: ignore[misc]
    """A boosting model that takes labels of any type and arguments that only its `fit` knows.

    XGBoost wants labels 0..k-1, which a fold without a rare class breaks; LightGBM takes its categorical columns
    in `fit` alone.

    Parameters
    ----------
    model : estimator
        Unfitted classifier or regressor.
    fit_params : dict or None
        Keyword arguments for each `fit` of the model.

    Attributes
    ----------
    model_ : estimator
        The fitted model; a classifier's labels are positions in `classes_`.
    classes_ : ndarray of shape (n_classes,)
        Original labels; only for classifiers.
    """

    def __init__(self, model: Any, fit_params: dict[str, Any] | None = None) -> None:
        self.model = model
        self.fit_params = fit_params

    @property
    def _estimator_type(self) -> str:
        return str(self.model._estimator_type)

    def fit(self, X: Any, y: Any) -> Self:
        """Fit a clone of the model; labels are encoded first."""
        if self._estimator_type == "classifier":
            self.classes_, y = np.unique(y, return_inverse=True)
            if len(self.classes_) == 1:
                raise ValueError(f"one class only, {self.classes_[0]!r}; at least two are due")
        self.model_ = clone(self.model).fit(X, y, **(self.fit_params or {}))
        return self

    def encoded(self, y: NDArray[Any]) -> NDArray[Any]:
        """What `model_` learns: positions of the labels in `classes_`, or the numbers as they are."""
        return np.searchsorted(self.classes_, y) if self._estimator_type == "classifier" else y

    def predict(self, X: Any) -> NDArray[np.generic]:
        """Original labels, or numbers of a regression."""
        if self._estimator_type == "classifier":
            return np.asarray(self.classes_[np.argmax(self.predict_proba(X), axis=1)])
        return np.asarray(self.model_.predict(X))

    @available_if(lambda self: self._estimator_type == "classifier")  # type: ignore[misc]
    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Probabilities, shape (n_samples, n_classes), in the order of `classes_`."""
        return np.asarray(self.model_.predict_proba(X))
