"""scikit-learn's histogram gradient boosting, with native categories."""

from typing import Any

from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from mlops_assets.training.candidate import Problem
from mlops_assets.training.families.family import Family


def _models(problem: Problem) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "categorical_features": problem.category_positions or None,
        # its early stopping holds out a stratified share, which a class of one row breaks
        "early_stopping": False,
        "random_state": problem.random_state,
    }
    if problem.task == "classification":
        return {"": HistGradientBoostingClassifier(**settings)}
    plain = {"": HistGradientBoostingRegressor(**settings)}
    if problem.metric == "mae":
        plain["absolute"] = HistGradientBoostingRegressor(loss="absolute_error", **settings)
    return plain


FAMILY = Family(
    name="boosting",
    rank=5,
    styles=("native",),
    scales=False,
    models=_models,
    distributions={
        "learning_rate": [0.05, 0.1],
        "max_iter": [150, 200, 300],
        "max_leaf_nodes": [15, 31, 63],
        "min_samples_leaf": [10, 20, 50],
        "l2_regularization": [0.0, 1.0, 10.0],
    },
)
