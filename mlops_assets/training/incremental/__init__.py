"""How a fitted model learns on, by its family.

HistGradientBoosting has no place here: its `warm_start` bins the new rows by new thresholds and asks the old trees
about the old ones (scikit-learn 1.4, `BaseHistGradientBoosting.fit`), so it may only add trees on the same rows.
Linear models and single trees are refitted within the time of a continuation.
"""

from collections.abc import Callable
from typing import Any

from mlops_assets.training.incremental import forest, lgbm, sgd, xgb

# (fitted model, columns behind the preprocessing, codes of classes or labels or numbers, arguments of fit) -> new model
Continuation = Callable[[Any, Any, Any, dict[str, Any]], Any]

CONTINUATIONS: dict[str, Continuation] = {
    "xgboost": xgb.continue_fit,
    "lightgbm": lgbm.continue_fit,
    "forest": forest.continue_fit,
    "sgd": sgd.continue_fit,
}
