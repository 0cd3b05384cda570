"""XGBoost continued: further trees on the rows of a window, on top of those that are there."""

import copy
from typing import Any

from numpy.typing import NDArray

from mlops_assets.training.incremental.rounds import ROUNDS, check_rounds


def continue_fit(model: Any, inputs: Any, y: NDArray[Any], fit_params: dict[str, Any]) -> Any:
    """The model with `ROUNDS` more rounds, fitted to what its answers leave on these rows.

    `xgboost.train(xgb_model=...)` does it, because the scikit-learn wrapper counts the classes of the window, not the
    model's. Old trees, the base score and the meaning of category codes stay as they are.
    """
    from xgboost import DMatrix, train

    booster = model.get_booster()
    check_rounds(booster.num_boosted_rounds())
    settings = {name: value for name, value in model.get_xgb_params().items() if value is not None}
    if getattr(model, "n_classes_", 2) > 2:
        settings["num_class"] = model.n_classes_
    table = DMatrix(inputs, label=y, feature_types=model.feature_types, enable_categorical=True, nthread=1)
    grown = copy.copy(model)
    grown._Booster = train(settings, table, ROUNDS, xgb_model=booster)
    return grown.set_params(n_estimators=grown._Booster.num_boosted_rounds())
