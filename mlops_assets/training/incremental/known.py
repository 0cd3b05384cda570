"""What the frozen preprocessing of a fitted pipeline knows of the rows of a window."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops_assets.training.incremental.refusal import RefitNeededError


def check_known(pipeline: Any, X: pd.DataFrame, y: NDArray[Any], unseen_max: float) -> None:
    """Refuses rows that a fitted pipeline has no place for.

    Parameters
    ----------
    X : DataFrame of shape (n_samples, n_features)
    y : ndarray of shape (n_samples,)
        Labels or numbers.
    unseen_max : float in [0, 1]
        Share of rows that may have a category which the pipeline was not fitted with; it reads them as missing.

    Raises
    ------
    RefitNeededError
        If there is a new class, or a column in which more rows than that have a new category.
    """
    strange = np.setdiff1d(y, getattr(pipeline, "classes_", y))
    if len(strange):
        raise RefitNeededError(f"class {strange[0]!r} is new to the model; a refit is due")
    for name, known in _categories(pipeline.steps[0][1]).items():
        new = X[name][X[name].notna() & ~X[name].isin(known)]
        if len(new) > unseen_max * len(X):
            raise RefitNeededError(
                f"{name}: {len(new):,} of {len(X):,} rows have a category that the model does not know, such as "
                f"{new.iloc[0]!r}; {unseen_max:.1%} may; a refit is due"
            )


def _categories(prepare: Any) -> dict[str, list[Any]]:
    """Column -> the categories that its encoder was fitted with."""
    return {
        name: list(known)
        for _, encoder, columns in prepare.transformers_
        if hasattr(encoder, "categories_")
        for name, known in zip(columns, encoder.categories_, strict=True)
    }
