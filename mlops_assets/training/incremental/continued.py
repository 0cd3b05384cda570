"""A fitted pipeline that learns on, with its preprocessing as it is."""

import copy
from typing import Any

import pandas as pd
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from mlops_assets.training.booster import Booster
from mlops_assets.training.incremental import CONTINUATIONS
from mlops_assets.training.incremental.known import check_known
from mlops_assets.training.incremental.refusal import RefitNeededError


def check_continues(family: str) -> None:
    """Refuses a family whose models cannot learn on.

    Raises
    ------
    RefitNeededError
        If it has no continuation.
    """
    if family not in CONTINUATIONS:
        able = ", ".join(CONTINUATIONS)
        raise RefitNeededError(f"models of {family!r} cannot learn on, those of {able} can; a refit is due")


def continued(pipeline: Pipeline, family: str, X: pd.DataFrame, y: NDArray[Any], *, unseen_max: float) -> Pipeline:
    """A new pipeline that also learnt these rows; the given one stays as it is.

    It is a pipeline like any other: `clone` of it is the recipe for a refit.

    Parameters
    ----------
    pipeline : Pipeline
        Fitted; of preprocessing and a model.
    family : str
        Of its model, a key of `CONTINUATIONS`.
    X, y
        Rows that it has not learnt yet, as `features.feature_frame` and `target_values` give them.
    unseen_max : float in [0, 1]
        Share of rows that may have a category new to it.

    Raises
    ------
    RefitNeededError
        If its family cannot, a class or category is new, or it has grown as far as it may.
    """
    check_continues(family)
    check_known(pipeline, X, y, unseen_max)
    (prepare_name, prepare), (model_name, model) = pipeline.steps
    with threadpool_limits(limits=1):
        grown = _grown(model, family, prepare.transform(X), y)
    return Pipeline([(prepare_name, prepare), (model_name, grown)])


def _grown(model: Any, family: str, inputs: Any, y: NDArray[Any]) -> Any:
    continue_fit = CONTINUATIONS[family]
    if not isinstance(model, Booster):
        return continue_fit(model, inputs, y, {})
    shell = copy.copy(model)
    shell.model_ = continue_fit(model.model_, inputs, model.encoded(y), model.fit_params or {})
    return shell
