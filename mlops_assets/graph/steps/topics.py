"""The topics of the texts that a champion reads by their words."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from mlops_assets.bundle.forget import walk
from mlops_assets.drift.topics import Topics, learn_topics


def topics_of(pipeline: Any, X: pd.DataFrame) -> tuple[Topics, ...]:
    """The topics of each column of texts that a fitted pipeline reads by TF-IDF of its words, none where it does not.

    Parameters
    ----------
    X : the rows that the pipeline was fitted on
    """
    found = {column: learn_topics(column, words, X[column]) for column, words in reversed(list(_words_of(pipeline)))}
    return tuple(topics for topics in found.values() if topics is not None)


def _words_of(pipeline: Any) -> Iterator[tuple[str, Any]]:
    """Each column of texts with a fitted TF-IDF of its words; of several of one column all."""
    for part in walk(pipeline):
        for _, transformer, column in getattr(part, "transformers_", []):
            if hasattr(transformer, "idf_") and transformer.analyzer == "word":
                yield column, transformer
