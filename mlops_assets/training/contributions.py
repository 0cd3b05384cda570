"""What each column adds to each answer, with the proof that it adds up."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Contributions:
    """SHAP values of a model, and what they have to add up to.

    Attributes
    ----------
    values : ndarray of shape (n_rows, n_columns, n_outputs)
        By column behind the preprocessing; one output for a regression and a binary margin.
    base : ndarray of shape (n_outputs,)
        The answer to no row in particular.
    output : ndarray of shape (n_rows, n_outputs)
        The model's answers in the unit of the values: log odds for boosted and linear classifiers, probability for
        trees and forests, the target's unit for regressions.
    """

    values: NDArray[np.float64]
    base: NDArray[np.float64]
    output: NDArray[np.float64]

    @property
    def gap(self) -> float:
        """Largest distance of an answer from base and contributions, as a share of the largest answer; 0 = exact.

        Notes
        -----
        Local accuracy, property 1 of Lundberg & Lee: A Unified Approach to Interpreting Model Predictions (2017).
        """
        missed = np.abs(self.base + self.values.sum(axis=1) - self.output).max()
        return float(missed / max(np.abs(self.output).max(), np.finfo(np.float64).tiny))


def contributions(model: Any, inputs: NDArray[np.float64]) -> Contributions:
    """SHAP values of a fitted model for rows behind its preprocessing.

    Parameters
    ----------
    model : linear, XGBoost, LightGBM, or what `shap.TreeExplainer` takes
    inputs : ndarray of shape (n_rows, n_columns), dense

    Raises
    ------
    Exception
        Whatever SHAP raises; its explainers share no base class of errors.

    Notes
    -----
    XGBoost and LightGBM compute the values themselves (TreeSHAP: Lundberg et al., Nature Machine Intelligence 2, 2020):
    SHAP 0.49 reads neither the base score that XGBoost 3 writes nor, as sets, LightGBM's splits on categories. Those
    of a linear model are coef * (x - mean of x), with independent columns.
    """
    if hasattr(model, "coef_"):
        return _of_linear(model, inputs)
    if hasattr(model, "get_booster"):
        return _of_xgboost(model, inputs)
    if hasattr(model, "booster_"):
        return _of_lightgbm(model, inputs)
    return _of_trees(model, inputs)


def _of_linear(model: Any, inputs: NDArray[np.float64]) -> Contributions:
    coef = np.atleast_2d(model.coef_)
    centre = inputs.mean(axis=0)
    base = coef @ centre + np.atleast_1d(model.intercept_)
    output = model.decision_function(inputs) if hasattr(model, "decision_function") else model.predict(inputs)
    return Contributions((inputs - centre)[:, :, None] * coef.T, base, _two_dimensional(output))


def _of_xgboost(model: Any, inputs: NDArray[np.float64]) -> Contributions:
    from xgboost import DMatrix

    table = DMatrix(inputs, feature_types=model.feature_types, enable_categorical=True, nthread=1)
    booster = model.get_booster()
    found = np.asarray(booster.predict(table, pred_contribs=True), dtype=np.float64)
    values = found[:, :, None] if found.ndim == 2 else np.moveaxis(found, 1, 2)
    output = booster.predict(table, output_margin=True)
    return Contributions(values[:, :-1], values[0, -1], _two_dimensional(output))


def _of_lightgbm(model: Any, inputs: NDArray[np.float64]) -> Contributions:
    found = np.asarray(model.booster_.predict(inputs, pred_contrib=True, num_threads=1))
    values = np.moveaxis(found.reshape(len(inputs), -1, inputs.shape[1] + 1), 1, 2)
    output = model.booster_.predict(inputs, raw_score=True, num_threads=1)
    return Contributions(values[:, :-1], values[0, -1], _two_dimensional(output))


def _of_trees(model: Any, inputs: NDArray[np.float64]) -> Contributions:
    import shap

    explainer = shap.TreeExplainer(model)
    found = explainer.shap_values(inputs)
    found = np.stack(found, axis=2) if isinstance(found, list) else np.asarray(found)
    values = found[:, :, None] if found.ndim == 2 else found
    return Contributions(values, np.atleast_1d(explainer.expected_value), _two_dimensional(_answers(model, inputs)))


def _answers(model: Any, inputs: NDArray[np.float64]) -> Any:
    for name in ("decision_function", "predict_proba"):
        if hasattr(model, name):
            return getattr(model, name)(inputs)
    return model.predict(inputs)


def _two_dimensional(output: Any) -> NDArray[np.float64]:
    found = np.asarray(output, dtype=np.float64)
    return found[:, None] if found.ndim == 1 else found
