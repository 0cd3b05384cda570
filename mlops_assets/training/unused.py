"""Which features a fitted pipeline does not listen to at all."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FIRST_ROWS = 30  # most features show there that they are used
ROWS_MAX = 300
UNSEEN = "never seen before"


def unused_features(pipeline: Any, X: pd.DataFrame, random_state: int = 0) -> frozenset[str]:
    """The features whose values change no answer, not even the probability of one, by a single bit.

    A feature that a model could do without still counts as used where its answers follow it. So does a feature that has
    one value in X: nobody knows what another one would change. A pipeline that listens to nothing uses them all, since
    any change may call for one that listens.

    Parameters
    ----------
    X : rows of `feature_frame` that the pipeline was fitted on; answers to at most 300 of them are looked at

    Notes
    -----
    A permutation importance of exactly zero (Breiman, Random Forests, 2001), asked of answers rather than of a metric,
    and of values that no row has as well: below and above all others, missing, a label never seen.
    """
    random = np.random.default_rng(random_state)
    rows = X.iloc[random.permutation(len(X))[:ROWS_MAX]].reset_index(drop=True)
    first = rows[:FIRST_ROWS]
    varied = [name for name in X if X[name].nunique(dropna=False) > 1]
    still = _unmoved(pipeline, first, {name: [_shuffled(first[name], random)] for name in varied})
    still = _unmoved(pipeline, rows, {name: _others(X[name], rows[name], random) for name in still})
    return frozenset(still) if len(still) < len(varied) else frozenset()


def _unmoved(pipeline: Any, rows: pd.DataFrame, others: Mapping[str, Iterable[Any]]) -> list[str]:
    """The features of which no other values change an answer."""
    if not others:
        return []
    answers = _answers(pipeline, rows)
    return [
        name
        for name, tried in others.items()
        if all(np.array_equal(answers, _answers(pipeline, rows.assign(**{name: values}))) for values in tried)
    ]


def _others(every: pd.Series, sampled: pd.Series, random: np.random.Generator) -> Iterator[Any]:
    """Values to put in the place of the sampled ones."""
    yield _shuffled(sampled, random)
    if pd.api.types.is_numeric_dtype(every):
        low, high = every.min(), every.max()
        yield from (low - (high - low), high + (high - low), np.nan)
    else:
        yield from (UNSEEN, np.nan if every.isna().any() else "")


def _shuffled(values: pd.Series, random: np.random.Generator) -> NDArray[Any]:
    shuffled: NDArray[Any] = values.to_numpy()[random.permutation(len(values))]
    return shuffled


def _answers(pipeline: Any, rows: pd.DataFrame) -> NDArray[Any]:
    asked = pipeline.predict_proba if hasattr(pipeline, "predict_proba") else pipeline.predict
    return np.asarray(asked(rows))
