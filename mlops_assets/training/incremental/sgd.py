"""A linear model that learns by stochastic gradient descent, a few passes further."""

import copy
from typing import Any

from numpy.typing import NDArray

PASSES = 5  # over the rows of a window; `fit` itself takes up to a thousand


def continue_fit(model: Any, inputs: Any, y: NDArray[Any], fit_params: dict[str, Any]) -> Any:
    """The model after `PASSES` passes over these rows, from its coefficients and with its last step size."""
    grown = copy.deepcopy(model)
    for _ in range(PASSES):
        grown.partial_fit(inputs, y, **fit_params)
    return grown
