"""When a fitted classifier abstains: calibrated on rows it was not fitted on, as many as there are."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops_assets.bundle.abstention import Abstention, calibrate
from mlops_assets.bundle.feed import feed_of
from mlops_assets.bundle.spans import Spans, conformity
from mlops_assets.spec import UseCase
from mlops_assets.training.folds import make_folds
from mlops_assets.training.out_of_fold import out_of_fold
from mlops_assets.training.spans import learn_spans, shares_out_of_fold

# Held-out rows that need no company: the promise is then kept to within 1 / (100 + 1), a point.
ENOUGH = 100


class Abstaining(NamedTuple):
    """From where on a class is possible, and what the rows of each class span; None where there is no text."""

    limit: Abstention
    spans: Spans | None


def learn_abstention(
    pipeline: Any,
    learned: tuple[pd.DataFrame, NDArray[Any], NDArray[Any] | None],
    held_out: tuple[pd.DataFrame, NDArray[Any], NDArray[Any]],
    use_case: UseCase,
    progress: Callable[[str], None],
) -> Abstaining | None:
    """What `training.abstain_error` asks for, None where the use case asks for none.

    Parameters
    ----------
    pipeline
        Fitted on `learned`.
    learned : X, y and groups (or None) of the rows it was fitted on
    held_out : X, probabilities and true labels of the rows it was not

    Notes
    -----
    Fewer than ENOUGH held-out rows are joined by the rows it was fitted on, each with what the fit of the other folds
    says (cross-conformal prediction: Vovk, Annals of Mathematics and Artificial Intelligence 74, 2015; Barber, Candes,
    Ramdas, Tibshirani, Annals of Statistics 49, 2021, prove 1 - 2 error for the related CV+). Those fits saw fewer rows
    than the model, so that the limit errs on the side of abstaining.
    """
    error = use_case.training.abstain_error
    if error is None:
        return None
    X, y, groups = learned
    X_held, probabilities, truth = held_out
    classes, texts = pipeline.classes_, [name for name, column in use_case.features.items() if column.kind == "text"]
    spans = learn_spans(X, y, classes, texts)
    compared = probabilities
    if spans is not None and len(truth):
        compared = conformity(probabilities, spans.measure(feed_of(X_held)))
    if len(truth) < ENOUGH:
        progress(
            f"{len(truth)} held-out rows are few to calibrate on; fitting each fold again, {len(y)} rows join them"
        )
        folds = make_folds(y, use_case.task, use_case.training, groups)
        mine = out_of_fold(pipeline, X, y, folds)
        joining = mine if spans is None else conformity(mine, shares_out_of_fold(X, y, classes, texts, folds))
        scored = np.isfinite(mine).all(axis=1)
        probabilities = np.concatenate([probabilities, mine[scored]])
        compared = np.concatenate([compared, joining[scored]])
        truth = np.concatenate([truth, y[scored]])
    limit = calibrate(compared, classes, truth, error)
    progress(_sentence(limit, probabilities, compared))
    return Abstaining(limit, spans)


def _sentence(limit: Abstention, probabilities: NDArray[Any], compared: NDArray[Any]) -> str:
    if limit.least == 0:
        return (
            f"abstains from all: {limit.rows} rows are too few to promise an error of {limit.error:g}, or it errs more"
        )
    share = float(limit.abstains(probabilities, compared).mean())
    what = "p" if compared is probabilities else "conformity"
    mine = f"those where not the answer alone has {what} >= {limit.least:.3f}"
    return f"abstains from {share:.0%} of {limit.rows} rows: {mine}"
