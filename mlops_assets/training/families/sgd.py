"""Logistic and squared-error regression by stochastic gradient descent: linear models that learn on, row by row."""

from typing import Any

from sklearn.linear_model import SGDClassifier, SGDRegressor

from mlops_assets.training.candidate import Problem
from mlops_assets.training.families.family import Family


def _models(problem: Problem) -> dict[str, Any]:
    if problem.task == "classification":
        return {"": SGDClassifier(loss="log_loss", random_state=problem.random_state)}
    return {"": SGDRegressor(random_state=problem.random_state)}


FAMILY = Family(
    name="sgd",
    rank=1,
    styles=("one_hot",),
    scales=True,
    models=_models,
    distributions={"alpha": [1e-6, 1e-5, 1e-3, 1e-2]},
)
