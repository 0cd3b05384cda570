"""A linear support vector machine on TF-IDF."""

from typing import Any

from sklearn.calibration import CalibratedClassifierCV
from sklearn.svm import LinearSVC, LinearSVR

from mlops_assets.training.candidate import Problem
from mlops_assets.training.families.family import Family
from mlops_assets.training.standard_target import StandardTarget

ITERATIONS = 5000
CALIBRATION_FOLDS = 3


def _models(problem: Problem) -> dict[str, Any]:
    settings: dict[str, Any] = {"C": 0.5, "dual": "auto", "max_iter": ITERATIONS, "random_state": problem.random_state}
    if problem.task == "classification":  # the machine itself gives distances, not probabilities
        machine = LinearSVC(class_weight=problem.class_weight, **settings)
        return {"": CalibratedClassifierCV(machine, method="sigmoid", cv=CALIBRATION_FOLDS)}
    loss = "epsilon_insensitive" if problem.metric == "mae" else "squared_epsilon_insensitive"
    return {"": StandardTarget(LinearSVR(loss=loss, **settings))}


FAMILY = Family(
    name="tfidf_svm",
    rank=2,
    styles=("words", "pieces"),
    scales=True,
    models=_models,
    distributions={"model__C": [0.2, 0.35, 0.8, 1.2, 2.0], "estimator__C": [0.1, 0.25, 1.0, 2.0]},
    for_text=True,
)
