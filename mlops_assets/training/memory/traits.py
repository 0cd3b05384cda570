"""What a training set is like, in a few numbers."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import LinearRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from mlops_assets.spec import Task

LANDMARK_ROWS = 500  # on which the two small models are tried; they take some milliseconds
LANDMARK_DEPTH = 3


def traits_of(X: pd.DataFrame, y: NDArray[Any], task: Task) -> dict[str, float]:
    """Meta-features of a training set.

    Parameters
    ----------
    X : DataFrame of shape (n_samples, n_features)
        At least two rows, in the order of time where there is one.
    y : ndarray of shape (n_samples,)

    Returns
    -------
    dict[str, float]
        `log_rows`, `log_columns`, `log_levels` (of the category with most of them, plus 1) to base 10; `category_share`
        of the columns; `missing_share` of the cells; `target_spread`: entropy of the classes in bits, or the deviation
        of the target over its mean size; `target_skew`, 0 for classes; `tree` and `linear`: accuracy or R2 of a
        small tree and a linear model (naive Bayes for classes) that learnt the first half of 500
        rows, on the second, at least -1.

    Notes
    -----
    Landmarkers: Pfahringer, Bensusan, Giraud-Carrier: Meta-Learning by Landmarking Various Learning Algorithms, ICML
    2000; the others as in Vanschoren: Meta-Learning (2018), table 1.
    """
    categories = [name for name in X if X[name].dtype == object]
    levels = max((X[name].nunique() for name in categories), default=0)
    return {
        "log_rows": float(np.log10(len(X))),
        "log_columns": float(np.log10(X.shape[1])),
        "log_levels": float(np.log10(levels + 1)),
        "category_share": len(categories) / X.shape[1],
        "missing_share": float(X.isna().to_numpy().mean()),
        **_target(y, task),
        **_landmarks(X, y, task),
    }


def _target(y: NDArray[Any], task: Task) -> dict[str, float]:
    if task == "classification":
        share = np.unique(y, return_counts=True)[1] / len(y)
        return {"target_spread": float(-(share * np.log2(share)).sum()), "target_skew": 0.0}
    deviation, size = float(np.std(y)), float(np.mean(np.abs(y)))
    skew = float(np.mean((y - np.mean(y)) ** 3) / deviation**3) if deviation > 0 else 0.0
    return {"target_spread": deviation / size if size > 0 else 0.0, "target_skew": skew}


def _landmarks(X: pd.DataFrame, y: NDArray[Any], task: Task) -> dict[str, float]:
    rows = np.linspace(0, len(X) - 1, min(LANDMARK_ROWS, len(X))).astype(int)
    inputs, truth, half = _codes(X.iloc[rows]), y[rows], len(rows) // 2
    if task == "classification":
        models: dict[str, Any] = {"tree": DecisionTreeClassifier(max_depth=LANDMARK_DEPTH, random_state=0)}
        models["linear"] = GaussianNB()
    else:
        models = {"tree": DecisionTreeRegressor(max_depth=LANDMARK_DEPTH, random_state=0), "linear": LinearRegression()}
    return {
        name: max(-1.0, float(model.fit(inputs[:half], truth[:half]).score(inputs[half:], truth[half:])))
        for name, model in models.items()
    }


def _codes(X: pd.DataFrame) -> NDArray[np.float64]:
    """Numbers with the median where they are missing, categories as codes."""
    columns = [
        pd.factorize(X[name])[0].astype(float)
        if X[name].dtype == object
        else X[name].fillna(X[name].median()).fillna(0.0).to_numpy(dtype=np.float64)
        for name in X
    ]
    return np.column_stack(columns)
