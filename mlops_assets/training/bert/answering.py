"""How models that have `outputs` answer as scikit-learn asks: with numbers, or with classes and their probabilities."""

from abc import abstractmethod
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin


class Outputs(BaseEstimator):  # type: ignore[misc]
    """An estimator that says one row of numbers about each row of X."""

    @abstractmethod
    def outputs(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """Numbers in one column, or probabilities, shape (n_samples, k)."""


class Numbers(RegressorMixin, Outputs):  # type: ignore[misc]
    """Answers numbers."""

    def predict(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """Numbers in the target's unit, shape (n_samples,)."""
        return self.outputs(X)[:, 0]


class Classes(ClassifierMixin, Outputs):  # type: ignore[misc]
    """Answers classes; `outputs` has their probabilities in the order of `classes_`."""

    classes_: NDArray[Any]

    def predict_proba(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """Shape (n_samples, n_classes), columns in the order of `classes_`."""
        return self.outputs(X)

    def predict(self, X: pd.DataFrame) -> NDArray[Any]:
        """The most probable label of each row."""
        found: NDArray[Any] = self.classes_[np.argmax(self.outputs(X), axis=1)]
        return found
