"""Ridge or logistic regression on TF-IDF; how much it is held back is tuned over the folds."""

from typing import Any

from sklearn.linear_model import LogisticRegression, Ridge

from mlops_assets.training.candidate import Problem
from mlops_assets.training.families.family import Family


def _models(problem: Problem) -> dict[str, Any]:
    if problem.task == "classification":
        settings = {"max_iter": 300, "class_weight": problem.class_weight, "random_state": problem.random_state}
        return {"": LogisticRegression(C=5.0, **settings)}
    return {"": Ridge(alpha=0.5, random_state=problem.random_state)}


FAMILY = Family(
    name="tfidf_linear",
    rank=1,
    styles=("words", "pieces"),
    scales=True,
    models=_models,
    # TF-IDF rows have length one, so that the useful range is the same for all texts
    distributions={"alpha": [0.1, 0.2, 0.35, 0.7, 1.0, 2.0], "C": [1.0, 2.0, 10.0, 20.0]},
    for_text=True,
)
