"""The baseline: the most frequent class with the classes' shares, or the median or mean. Always on the board."""

from typing import Any

from sklearn.dummy import DummyClassifier, DummyRegressor

from mlops_assets.training.candidate import Problem
from mlops_assets.training.families.family import Family


def _models(problem: Problem) -> dict[str, Any]:
    if problem.task == "classification":
        return {"": DummyClassifier(strategy="prior")}
    return {"": DummyRegressor(strategy="median" if problem.metric == "mae" else "mean")}


FAMILY = Family(name="dummy", rank=0, styles=("codes",), scales=False, models=_models)
