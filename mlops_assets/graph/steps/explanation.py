"""What moves a model's answers, as values and pictures."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops_assets.report.training import fit_pngs, importance_png, leaderboard_png
from mlops_assets.spec import UseCase
from mlops_assets.training.automl import Trained
from mlops_assets.training.explain import ExplainError, Importance, permutation, shap_values


def explain(
    trained: Trained, X: pd.DataFrame, y: NDArray[Any], use_case: UseCase, progress: Callable[[str], None]
) -> dict[str, Importance | str]:
    """Permutation importance and SHAP on held-out rows; a method that cannot explain this model leaves its reason."""
    if use_case.training.explain_rows == 0:
        return {}
    progress(f"explaining {trained.name} on {min(use_case.training.explain_rows, len(X))} rows")
    found: dict[str, Importance | str] = {"permutation": permutation(trained.pipeline, X, y, use_case)}
    try:
        found["shap"] = shap_values(trained.pipeline, X, use_case)
    except ExplainError as error:
        found["shap"] = str(error)
    return found


def plain(explained: dict[str, Importance | str]) -> dict[str, Any]:
    """Explanations as JSON-ready values."""
    return {name: found if isinstance(found, str) else asdict(found) for name, found in explained.items()}


def draw(
    trained: Trained,
    explained: dict[str, Importance | str],
    predictions: NDArray[Any],
    truth: NDArray[Any],
    probabilities: NDArray[np.float64] | None,
) -> dict[str, bytes]:
    """Name -> PNG: the leaderboard, what the answers look like, and what moves them."""
    classes = None if probabilities is None else np.asarray(trained.pipeline.classes_)
    return {
        "leaderboard": leaderboard_png(trained.board, trained.name),
        **fit_pngs(predictions, truth, probabilities, classes),
        **{name: importance_png(found) for name, found in explained.items() if isinstance(found, Importance)},
    }
