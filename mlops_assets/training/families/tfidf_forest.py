"""A random forest of 100 trees on TF-IDF; few words a split, because a text holds few of them."""

from typing import Any

from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

from mlops_assets.training.candidate import Problem
from mlops_assets.training.families.family import Family
from mlops_assets.training.families.forest import ROWS_A_TREE


def _models(problem: Problem) -> dict[str, Any]:
    share = min(1.0, ROWS_A_TREE / problem.n_rows)
    settings: dict[str, Any] = {
        "n_estimators": 100,
        "max_features": "sqrt",
        # on film reviews as good as splitting down to two rows (absolute error 1.46), in two thirds of the time
        "min_samples_split": 4,
        "max_samples": None if share == 1.0 else share,
        "n_jobs": 1,
        "random_state": problem.random_state,
    }
    if problem.task == "classification":
        return {"": RandomForestClassifier(**settings, class_weight=problem.class_weight)}
    return {"": RandomForestRegressor(**settings)}


FAMILY = Family(
    name="tfidf_forest",
    rank=7,
    styles=("words",),
    scales=False,
    models=_models,
    distributions={"max_features": ["sqrt", "log2", 0.02], "min_samples_split": [2, 8]},
    for_text=True,
)
