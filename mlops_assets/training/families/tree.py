"""One decision tree, the model a person can read."""

from typing import Any

from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from mlops_assets.training.candidate import Problem
from mlops_assets.training.families.family import Family


def _models(problem: Problem) -> dict[str, Any]:
    model = DecisionTreeClassifier if problem.task == "classification" else DecisionTreeRegressor
    return {"": model(max_depth=10, min_samples_leaf=20, random_state=problem.random_state)}


FAMILY = Family(
    name="tree",
    rank=2,
    styles=("codes",),
    scales=False,
    models=_models,
    distributions={"max_depth": [4, 6, 8, 12, 16, None], "min_samples_leaf": [5, 10, 20, 50, 100]},
)
