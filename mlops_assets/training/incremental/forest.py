"""A random forest continued: new trees on the rows of a window take the place of the oldest."""

import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.class_weight import compute_class_weight

from mlops_assets.training.incremental.refusal import RefitNeededError

SHARE = 0.2  # of the trees that a window replaces: five windows renew the forest


def continue_fit(model: Any, inputs: Any, y: NDArray[Any], fit_params: dict[str, Any]) -> Any:
    """The forest with its oldest trees replaced; it stays as large as it was.

    A forest answers with the mean of trees that know nothing of each other, so the oldest may go.

    Raises
    ------
    RefitNeededError
        If a class is missing: a tree counts the classes of the rows that it sees.
    """
    absent = np.setdiff1d(getattr(model, "classes_", y), y)
    if len(absent):
        raise RefitNeededError(
            f"no row of class {absent[0]!r}, and a forest takes no tree that never saw a class; a refit is due"
        )
    size = len(model.estimators_)
    grown = copy.copy(model)
    grown.estimators_ = list(model.estimators_)
    growing = {"warm_start": True, "n_estimators": size + max(1, round(SHARE * size)), **_weights(model, y)}
    grown.set_params(**growing).fit(inputs, y, **fit_params)
    grown.estimators_ = grown.estimators_[-size:]
    return grown.set_params(**{name: getattr(model, name) for name in growing})


def _weights(model: Any, y: NDArray[Any]) -> dict[str, Any]:
    """The weights of balanced classes in numbers, as scikit-learn asks of a forest that grows."""
    if getattr(model, "class_weight", None) != "balanced":
        return {}
    labels = np.unique(y)
    return {"class_weight": dict(zip(labels, compute_class_weight("balanced", classes=labels, y=y), strict=True))}
