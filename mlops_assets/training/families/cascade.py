"""TF-IDF that answers, and a fine-tuned BERT that is asked where TF-IDF is unsure."""

from typing import Any

from sklearn.pipeline import Pipeline

from mlops_assets.training.bert.cascade import CascadeClassifier, CascadeRegressor
from mlops_assets.training.candidate import Problem
from mlops_assets.training.families import bert, tfidf_linear
from mlops_assets.training.families.family import Family
from mlops_assets.training.preprocessing import build_preprocessing


def _models(problem: Problem) -> dict[str, Any]:
    linear = tfidf_linear.FAMILY.models(problem)[""]
    cheap = Pipeline([("prepare", build_preprocessing(problem, "words", "scaled")), ("model", linear)])
    kind = CascadeClassifier if problem.task == "classification" else CascadeRegressor
    return {"": kind(cheap, bert.fine_tuned(problem))}


FAMILY = Family(name="cascade", rank=21, styles=("own",), scales=False, models=_models, for_text=True, costly=True)
