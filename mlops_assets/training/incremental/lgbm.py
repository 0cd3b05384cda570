"""LightGBM continued: further trees on the rows of a window, on top of those that are there."""

import copy
from typing import Any

from numpy.typing import NDArray

from mlops_assets.training.incremental.rounds import ROUNDS, check_rounds

NOT_OF_TRAINING = ("n_estimators", "n_jobs", "class_weight", "importance_type")


def continue_fit(model: Any, inputs: Any, y: NDArray[Any], fit_params: dict[str, Any]) -> Any:
    """The model with `ROUNDS` more rounds, fitted to what its answers leave on these rows.

    `lightgbm.train(init_model=...)` does it, because the scikit-learn wrapper counts the classes of the window, not
    the model's. `fit_params` name the columns that hold category codes.
    """
    from lightgbm import Booster, Dataset, train

    check_rounds(model.booster_.current_iteration())
    settings = {name: value for name, value in model.get_params().items() if name not in NOT_OF_TRAINING}
    settings |= {"objective": model.objective_, "num_threads": 1, "verbose": -1}
    if getattr(model, "n_classes_", 2) > 2:
        settings["num_class"] = model.n_classes_
    table = Dataset(inputs, y, params={"verbose": -1}, **fit_params)
    trained = train(settings, table, ROUNDS, init_model=model.booster_)
    grown = copy.copy(model)
    grown._Booster = Booster(model_str=trained.model_to_string())  # without the old model and the rows, which it held
    return grown
