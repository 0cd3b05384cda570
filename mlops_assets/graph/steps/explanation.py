"""What moves a model's answers, as values and pictures."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops_assets.report.text_errors import errors_by_length_png
from mlops_assets.report.training import fit_curve_png, fit_pngs, importance_png, leaderboard_png
from mlops_assets.spec import UseCase
from mlops_assets.training.automl import Trained
from mlops_assets.training.explain import ExplainError, Importance, permutation, shap_values
from mlops_assets.training.words import words_moved


def explain(
    trained: Trained, X: pd.DataFrame, y: NDArray[Any], use_case: UseCase, progress: Callable[[str], None]
) -> dict[str, Importance | str]:
    """Permutation importance, SHAP and, where there are texts, the words that move answers, on held-out rows.

    A method that cannot explain this model leaves its reason.
    """
    if use_case.training.explain_rows == 0:
        return {}
    progress(f"explaining {trained.name} on {min(use_case.training.explain_rows, len(X))} rows")
    found: dict[str, Importance | str] = {"permutation": permutation(trained.pipeline, X, y, use_case)}
    methods = {"shap": shap_values} | ({"words": words_moved} if text_columns(use_case) else {})
    for name, method in methods.items():
        try:
            found[name] = method(trained.pipeline, X, use_case)
        except ExplainError as error:
            found[name] = str(error)
    return found


def text_columns(use_case: UseCase) -> list[str]:
    """Names of the features that are texts."""
    return [name for name, column in use_case.features.items() if column.kind == "text"]


def plain(explained: dict[str, Importance | str]) -> dict[str, Any]:
    """Explanations as JSON-ready values."""
    return {name: found if isinstance(found, str) else asdict(found) for name, found in explained.items()}


def draw(
    trained: Trained,
    explained: dict[str, Importance | str],
    predictions: NDArray[Any],
    truth: NDArray[Any],
    probabilities: NDArray[np.float64] | None,
    texts: pd.DataFrame,
) -> dict[str, bytes]:
    """Name -> PNG: the leaderboard, what the answers look like, and what moves them.

    Parameters
    ----------
    texts : DataFrame of shape (n_samples, any)
        The text columns of the held-out rows.
    """
    by_length = {
        f"errors_by_length_of_{name}": errors_by_length_png(texts[name].str.len().to_numpy(), predictions, truth)
        for name in texts
    }
    classes = None if probabilities is None else np.asarray(trained.pipeline.classes_)
    return {
        "leaderboard": leaderboard_png(trained.board, trained.name),
        **fit_pngs(predictions, truth, probabilities, classes),
        **by_length,
        **({"fit_curve": fit_curve_png(trained.record["curve"])} if trained.record else {}),
        **{name: importance_png(found) for name, found in explained.items() if isinstance(found, Importance)},
    }
