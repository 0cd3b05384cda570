"""XGBoost, with native categories where the number of columns is known before the fit."""

from typing import Any

from mlops_assets.training.booster import Booster
from mlops_assets.training.candidate import Problem
from mlops_assets.training.families.family import Family


def _models(problem: Problem) -> dict[str, Any]:
    from xgboost import XGBClassifier, XGBRegressor

    settings: dict[str, Any] = {
        "n_jobs": 1,
        "verbosity": 0,
        "random_state": problem.random_state,
        "tree_method": "hist",
    }
    if problem.category and not problem.text:
        kinds = ["q"] * len(problem.numeric) + ["c"] * len(problem.category)
        settings |= {"enable_categorical": True, "feature_types": kinds}
    if problem.task == "classification":
        return {"": Booster(XGBClassifier(**settings))}
    models = {"": Booster(XGBRegressor(**settings))}
    if problem.metric == "mae":
        models["absolute"] = Booster(XGBRegressor(objective="reg:absoluteerror", **settings))
    return models


FAMILY = Family(
    name="xgboost",
    rank=4,
    styles=("native",),
    scales=False,
    models=_models,
    distributions={
        "model__learning_rate": [0.03, 0.05, 0.1],
        "model__n_estimators": [200, 300, 500],
        "model__max_depth": [4, 6, 8, 10],
        "model__min_child_weight": [1, 5, 10],
        "model__reg_lambda": [1.0, 5.0, 10.0],
        "model__colsample_bytree": [0.6, 0.8, 1.0],
    },
)
