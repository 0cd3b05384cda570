"""What a candidate says about rows that it was not fitted on, for all rows: each by the fit of the other folds."""

import warnings
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from mlops_assets.training.folds import Fold


def out_of_fold(pipeline: Any, X: pd.DataFrame, y: NDArray[Any], folds: list[Fold]) -> NDArray[np.float64]:
    """Probabilities of shape (n_samples, n_classes), columns in the order of `pipeline.classes_`.

    A class that a fold's fit never saw has probability 0 there; a row that no fold scores is NaN.

    Parameters
    ----------
    pipeline
        A fitted classifier; it is cloned for each fold, and stays as it is.
    """
    found = np.full((len(X), len(pipeline.classes_)), np.nan)
    for training, scoring in folds:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            fitted = clone(pipeline).fit(X.iloc[training], y[training])
        found[scoring] = 0.0
        places = np.searchsorted(pipeline.classes_, fitted.classes_)
        found[np.ix_(scoring, places)] = fitted.predict_proba(X.iloc[scoring])
    return found
