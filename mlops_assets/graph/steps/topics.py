"""The topics of the texts that a champion reads by their words."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from mlops_assets.bundle.forget import walk
from mlops_assets.drift.topics import Topics, learn_topics

# Held-out rows to compare batches with: so many as `bench.evidence` simulates (topics.HELD_OUT). With 100 of them false
# alarms came more often than granted.
HELD_OUT_MIN = 500


def topics_of(pipeline: Any, X: pd.DataFrame, held_out_rows: int) -> tuple[Topics, ...]:
    """The topics of each column of texts that a fitted pipeline reads by TF-IDF of its words, none where it does not.

    Parameters
    ----------
    X : the rows that the pipeline was fitted on
    held_out_rows : how many rows there are to compare with; below `HELD_OUT_MIN` there are no topics
    """
    if held_out_rows < HELD_OUT_MIN:
        return ()
    found = {column: learn_topics(column, words, X[column]) for column, words in reversed(list(_words_of(pipeline)))}
    return tuple(topics for topics in found.values() if topics is not None)


def _words_of(pipeline: Any) -> Iterator[tuple[str, Any]]:
    """Each column of texts with a fitted TF-IDF of its words; of several of one column all."""
    for part in walk(pipeline):
        for _, transformer, column in getattr(part, "transformers_", []):
            if hasattr(transformer, "idf_") and transformer.analyzer == "word":
                yield column, transformer
