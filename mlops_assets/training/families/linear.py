"""Logistic regression and ridge regression."""

from typing import Any

from sklearn.linear_model import LogisticRegression, Ridge

from mlops_assets.training.candidate import Problem
from mlops_assets.training.families.family import Family


def _models(problem: Problem) -> dict[str, Any]:
    if problem.task == "classification":
        settings = {"max_iter": 300, "class_weight": problem.class_weight, "random_state": problem.random_state}
        return {"": LogisticRegression(**settings)}
    return {"": Ridge(random_state=problem.random_state)}


FAMILY = Family(name="linear", rank=1, styles=("one_hot",), scales=True, models=_models)
