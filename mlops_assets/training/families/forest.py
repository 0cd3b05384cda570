"""A random forest of moderate size: more trees cost in proportion and hardly change the answer."""

from typing import Any

from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

from mlops_assets.training.candidate import Problem
from mlops_assets.training.families.family import Family

ROWS_A_TREE = 20_000  # bootstrap size at which one tree stays under a second


def _models(problem: Problem) -> dict[str, Any]:
    share = min(1.0, ROWS_A_TREE / problem.n_rows)
    settings: dict[str, Any] = {
        "n_estimators": 100,
        # leaves of single rows give overconfident probabilities: log loss suffers before accuracy does
        "min_samples_leaf": 2,
        "max_samples": None if share == 1.0 else share,
        "n_jobs": 1,
        "random_state": problem.random_state,
    }
    if problem.task == "classification":
        return {"": RandomForestClassifier(**settings, class_weight=problem.class_weight)}
    return {"": RandomForestRegressor(**settings, max_features=0.5)}


FAMILY = Family(
    name="forest",
    rank=6,
    styles=("codes",),
    scales=False,
    models=_models,
    distributions={"min_samples_leaf": [1, 2, 3, 5, 10], "max_features": ["sqrt", 0.3, 0.5, 0.8]},
)
