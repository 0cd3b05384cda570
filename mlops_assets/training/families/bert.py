"""A BERT, or another pretrained encoder, fine-tuned on the texts; needs the extra [bert] to train, not to serve.

Categories are read as words in front of the text, numbers stand beside its vector.
"""

from typing import Any

from mlops_assets.training.bert.estimator import BertClassifier, BertRegressor
from mlops_assets.training.candidate import Problem
from mlops_assets.training.families.family import Family


def fine_tuned(problem: Problem) -> Any:
    """The unfitted estimator of a problem."""
    kind = BertClassifier if problem.task == "classification" else BertRegressor
    return kind(
        texts=problem.text,
        categories=problem.category,
        numbers=problem.numeric,
        settings=problem.bert,
        metric=problem.metric,
        order=problem.order,
        random_state=problem.random_state,
    )


def _models(problem: Problem) -> dict[str, Any]:
    return {"": fine_tuned(problem)}


FAMILY = Family(name="bert", rank=20, styles=("own",), scales=False, models=_models, for_text=True, costly=True)
