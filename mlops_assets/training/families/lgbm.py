"""LightGBM, with native categories."""

from typing import Any

from mlops_assets.training.booster import Booster
from mlops_assets.training.candidate import Problem
from mlops_assets.training.families.family import Family

LARGE_ROWS = 20_000  # from here on the library's default of 100 trees with 31 leaves is too small


def _models(problem: Problem) -> dict[str, Any]:
    from lightgbm import LGBMClassifier, LGBMRegressor

    settings: dict[str, Any] = {"n_jobs": 1, "verbose": -1, "random_state": problem.random_state, "deterministic": True}
    large: dict[str, Any] = {"n_estimators": 300, "num_leaves": 63} if problem.n_rows >= LARGE_ROWS else {}
    if problem.task == "classification":
        models = {"": LGBMClassifier(**settings)}
        models |= {"large": LGBMClassifier(**settings, **large)} if large else {}
    else:
        models = {"": LGBMRegressor(**settings)}
        if problem.metric == "mae":
            settings["objective"] = "regression_l1"
            models["absolute"] = LGBMRegressor(**settings)
        models |= {"large": LGBMRegressor(**settings, **large)} if large else {}
    columns = {"categorical_feature": problem.category_positions} if problem.category else None
    return {variant: Booster(model, columns) for variant, model in models.items()}


FAMILY = Family(
    name="lightgbm",
    rank=3,
    styles=("native",),
    scales=False,
    models=_models,
    distributions={
        "model__learning_rate": [0.03, 0.05, 0.1],
        "model__n_estimators": [200, 300, 500],
        "model__num_leaves": [15, 31, 63, 127],
        "model__min_child_samples": [5, 10, 20, 50],
        "model__reg_lambda": [0.0, 1.0, 10.0],
        "model__colsample_bytree": [0.6, 0.8, 1.0],
    },
)
