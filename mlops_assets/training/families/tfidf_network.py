"""A network of one hidden layer on TF-IDF and numbers; needs the extra [torch] to train, not to serve."""

from typing import Any

from mlops_assets.training.candidate import Problem
from mlops_assets.training.families.family import Family
from mlops_assets.training.network.estimator import NetworkClassifier, NetworkRegressor


def _models(problem: Problem) -> dict[str, Any]:
    shared: dict[str, Any] = {
        "order": problem.order,
        "seconds_max": problem.fit_s,
        "random_state": problem.random_state,
    }
    if problem.task == "classification":
        return {"": NetworkClassifier(class_weight=problem.class_weight, **shared)}
    return {"": NetworkRegressor(metric=problem.metric, **shared)}


FAMILY = Family(name="tfidf_network", rank=8, styles=("words", "pieces"), scales=True, models=_models, for_text=True)
