"""Which columns a fitted pipeline listens to."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops_assets.spec import UseCase
from mlops_assets.spec.tables import METRICS
from mlops_assets.training.contributions import Contributions, contributions
from mlops_assets.training.scoring import score

REPEATS = 5
GAP_MAX = 1e-3  # of the largest answer, by which SHAP values may miss it: boosted trees add in single precision
COLUMNS_MAX = 25_000  # SHAP wants them dense: 200 rows of so many are 40 MB
# Its time with trees grows with leaves times depth squared: a forest on 20,000 words took more than six minutes.
TREE_COLUMNS_MAX = 2_000


class ExplainError(ValueError):
    """A model that cannot be explained this way; the sentence says which can."""


@dataclass(frozen=True)
class Importance:
    """Importance of each column, largest first.

    Attributes
    ----------
    names : tuple[str, ...]
    mean, std : tuple[float, ...]
        In units of `unit`; for permutation, how much worse the metric gets when the column is shuffled.
    unit : str
    rows : int
        Rows that were sampled.
    gap : float or None
        For SHAP, by how much values and answers differ at most, as a share of the largest answer.
    """

    names: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    unit: str
    rows: int
    gap: float | None = None


def permutation(
    pipeline: Any, X: pd.DataFrame, y: NDArray[Any], use_case: UseCase, *, repeats: int = REPEATS
) -> Importance:
    """How much worse the training metric gets when one column is shuffled; about 0 = the model does not need it.

    Samples at most `training.explain_rows` rows.

    Notes
    -----
    Breiman: Random Forests (2001), section 10, on held-out rows.
    """
    metric, random = use_case.training.metric, np.random.default_rng(use_case.training.random_state)
    rows = sample_rows(len(X), use_case)
    X, y = X.iloc[rows].reset_index(drop=True), y[rows]
    sign = 1.0 if METRICS[metric][1] else -1.0
    base = score(pipeline, X, y, use_case.task)[metric]
    drops = {
        name: [
            sign * (base - score(pipeline, _shuffled(X, name, random), y, use_case.task)[metric])
            for _ in range(repeats)
        ]
        for name in X
    }
    return _ranked(drops, unit=f"{metric} lost", rows=len(rows))


def shap_values(pipeline: Any, X: pd.DataFrame, use_case: UseCase) -> Importance:
    """Mean absolute SHAP value of each column behind the preprocessing; one-hot parts of a column are summed.

    Samples at most `training.explain_rows` rows.

    Raises
    ------
    ExplainError
        If the model is neither a tree, a forest, a boosting nor a linear model, SHAP cannot take it, or its values do
        not add up to the answers.

    Notes
    -----
    Lundberg, Lee: A Unified Approach to Interpreting Model Predictions (2017). In the model's own units: log odds for
    boosted and linear classifiers, probability for forests, the target's unit for regressions.
    """
    rows = sample_rows(len(X), use_case)
    prepare, model = _parts(pipeline)
    inputs = prepare.transform(X.iloc[rows])
    most = COLUMNS_MAX if hasattr(model, "coef_") else TREE_COLUMNS_MAX
    if inputs.shape[1] > most:
        raise ExplainError(
            f"{inputs.shape[1]:,} columns behind the preprocessing; SHAP is asked about {most:,} at most"
        )
    inputs = np.asarray(inputs.toarray() if hasattr(inputs, "toarray") else inputs, dtype=np.float64)
    found = _explain(model, inputs)
    by_column: dict[str, NDArray[np.float64]] = {}
    for name, column in zip(_origins(prepare), np.abs(found.values).sum(axis=2).T, strict=True):
        by_column[name] = by_column.get(name, 0) + column
    ranked = _ranked({name: list(column) for name, column in by_column.items()}, unit="mean |SHAP|", rows=len(rows))
    return replace(ranked, gap=found.gap)


def sample_rows(n_rows: int, use_case: UseCase) -> NDArray[np.int64]:
    """Positions of at most `training.explain_rows` rows, the same each time.

    Raises
    ------
    ExplainError
        If no row is to be explained.
    """
    random, wanted = np.random.default_rng(use_case.training.random_state), use_case.training.explain_rows
    if wanted == 0:
        raise ExplainError("training.explain_rows: 0 rows are to be explained; raise it")
    return np.sort(random.choice(n_rows, size=min(wanted, n_rows), replace=False))


def _shuffled(X: pd.DataFrame, name: Any, random: np.random.Generator) -> pd.DataFrame:
    return X.assign(**{name: X[name].to_numpy()[random.permutation(len(X))]})


def _ranked(values: dict[Any, list[float]], unit: str, rows: int) -> Importance:
    order = sorted(values, key=lambda name: -float(np.mean(values[name])))
    return Importance(
        names=tuple(str(name) for name in order),
        mean=tuple(float(np.mean(values[name])) for name in order),
        std=tuple(float(np.std(values[name])) for name in order),
        unit=unit,
        rows=rows,
    )


def _parts(pipeline: Any) -> tuple[Any, Any]:
    model = pipeline.steps[-1][1]
    if len(pipeline.steps) < 2:
        raise ExplainError(f"{type(model).__name__} joins several models; explain it by permutation")
    return pipeline.steps[0][1], getattr(model, "model_", model)


def _explain(model: Any, inputs: NDArray[np.float64]) -> Contributions:
    """SHAP values that add up to the answers."""
    if np.any(getattr(model, "is_categorical_", False)):  # SHAP 0.49 reads such splits as thresholds, and says nothing
        raise ExplainError(f"SHAP cannot read the category splits of {type(model).__name__}; explain it by permutation")
    try:
        found = contributions(model, inputs)
    except Exception as error:  # SHAP's explainers share no base class of errors
        raise ExplainError(
            f"SHAP cannot explain {type(model).__name__} here ({type(error).__name__}: {error}); "
            "explain it by permutation"
        ) from error
    if not found.gap <= GAP_MAX:
        raise ExplainError(
            f"SHAP values of {type(model).__name__} miss its answers by up to {found.gap:.1%} of the largest, "
            f"{GAP_MAX:.1%} may be rounding; they are not shown"
        )
    return found


def _origins(prepare: Any) -> list[str]:
    """For each column that preprocessing gives, the column of X it comes from."""
    found: list[str] = []
    for name, transformer, columns in prepare.transformers_:
        if name == "remainder":
            continue
        names = [columns] if isinstance(columns, str) else list(columns)
        found += _of_transformer(transformer, names)
    return found


def _of_transformer(transformer: Any, names: list[str]) -> list[str]:
    if hasattr(transformer, "vocabulary_"):
        return names * len(transformer.vocabulary_)
    if hasattr(transformer, "drop_idx_"):  # one-hot: a column for each category
        return [name for name, values in zip(names, transformer.categories_, strict=True) for _ in values]
    return names
