"""All metrics of a task from one prediction."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, f1_score, mean_absolute_error, mean_squared_error, r2_score, recall_score

from mlops_assets.spec import Task


def score(pipeline: Any, X: Any, y: NDArray[Any], task: Task) -> dict[str, float]:
    """Metric -> value on these rows, each in its own direction.

    A classifier is asked once, for probabilities; its label is the most probable class.

    Notes
    -----
    Equal to scikit-learn's scorers of the same names on the same rows, with one extension: log loss is also defined
    when `y` holds a class the model never saw, which then counts with the probability that scikit-learn clips at, the
    machine epsilon (scikit-learn itself raises).
    """
    if task == "classification":
        return score_probabilities(pipeline.predict_proba(X), pipeline.classes_, y)
    return score_numbers(pipeline.predict(X), y)


def score_probabilities(probabilities: NDArray[Any], classes: NDArray[Any], y: NDArray[Any]) -> dict[str, float]:
    """Metrics of class probabilities, shape (n_samples, n_classes), columns in the order of `classes`.

    Raises
    ------
    ValueError
        If a probability is not a number.
    """
    _check_finite(probabilities)
    labels = classes[np.argmax(probabilities, axis=1)]
    present = np.unique(y)
    return {
        "accuracy": float(accuracy_score(y, labels)),
        # mean recall over the classes that occur: scikit-learn's definition, without its warning about the others
        "balanced_accuracy": float(recall_score(y, labels, labels=present, average="macro", zero_division=0)),
        "f1_macro": float(f1_score(y, labels, average="macro", zero_division=0)),
        "log_loss": _log_loss(probabilities, classes, y),
    }


def score_numbers(predictions: NDArray[Any], y: NDArray[Any]) -> dict[str, float]:
    """Metrics of predicted numbers; R2 is NaN on fewer than two rows.

    Raises
    ------
    ValueError
        If a prediction is not a number.
    """
    _check_finite(predictions)
    return {
        "mae": float(mean_absolute_error(y, predictions)),
        "rmse": float(np.sqrt(mean_squared_error(y, predictions))),
        "r2": float(r2_score(y, predictions)) if len(y) > 1 else float("nan"),
    }


def _check_finite(answers: NDArray[Any]) -> None:
    broken = int((~np.isfinite(answers)).reshape(len(answers), -1).any(axis=1).sum())
    if broken:
        raise ValueError(f"the answers to {broken} of {len(answers)} rows are not numbers (NaN or infinite)")


def _log_loss(probabilities: NDArray[Any], classes: NDArray[Any], y: NDArray[Any]) -> float:
    tiny = np.finfo(probabilities.dtype).eps
    clipped = np.clip(probabilities, tiny, 1 - tiny)
    column = np.searchsorted(classes, y).clip(max=len(classes) - 1)
    truth = clipped[np.arange(len(y)), column] / clipped.sum(axis=1)
    return float(-np.log(np.where(classes[column] == y, truth, tiny)).mean())
