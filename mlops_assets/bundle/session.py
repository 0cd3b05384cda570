"""Answers of an ONNX graph, on one thread."""

from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops_assets.bundle.answers import Predictions, from_probabilities
from mlops_assets.bundle.feed import NUMBERS, Feed, feed_of
from mlops_assets.training.onnx_session import open_session

Answer = Callable[[pd.DataFrame], Predictions]

# The runtime's tables of words are dense: 4,230 rows of 20,000 words took 1 GB at once. Blocks of this many took
# 0.11 GB, and half the time.
BLOCK_ROWS = 256


@runtime_checkable
class FeedAnswer(Protocol):
    """What answers a feed as `feed_of` gives it, and so plain rows without pandas."""

    inputs: frozenset[str]

    def __call__(self, X: pd.DataFrame) -> Predictions:
        """Predictions for X."""
        ...

    def run(self, feed: Feed) -> Predictions:
        """Predictions for a feed, which may hold more inputs than are used."""
        ...


class Graph:
    """An open graph; `classes` None means a regression."""

    def __init__(self, session: Any, classes: NDArray[Any] | None) -> None:
        self._session = session
        self._classes = classes
        self.inputs = frozenset(each.name for each in session.get_inputs())
        self._outputs = [session.get_outputs()[-1].name]

    def __call__(self, X: pd.DataFrame) -> Predictions:
        """Predictions for X."""
        return self.run(feed_of(X))

    def run(self, feed: Feed) -> Predictions:
        """Predictions for inputs as `feed_of` gives them; the graph may use fewer of them."""
        used = {name: values for name, values in feed.items() if name in self.inputs}
        rows = len(next(iter(used.values()))) if used.keys() - {NUMBERS} else 0
        if rows > BLOCK_ROWS:
            parts = [self._output(_block(used, start)) for start in range(0, rows, BLOCK_ROWS)]
            output = np.concatenate(parts)
        else:
            output = self._output(used)
        if self._classes is None:
            return Predictions(output.reshape(-1), None)
        return from_probabilities(output, self._classes)

    def _output(self, used: Feed) -> NDArray[Any]:
        output: NDArray[Any] = self._session.run(self._outputs, used)[0]
        return output


def _block(used: Feed, start: int) -> Feed:
    return {name: values[start : start + BLOCK_ROWS] for name, values in used.items()}


def open_graph(data: bytes, classes: NDArray[Any] | None) -> Graph:
    """The graph of a model's bytes."""
    return Graph(open_session(data), classes)


def of_pipeline(pipeline: Any, classes: NDArray[Any] | None) -> Answer:
    """X -> predictions of a fitted scikit-learn pipeline."""

    def answer(X: pd.DataFrame) -> Predictions:
        if classes is None:
            return Predictions(pipeline.predict(X), None)
        return from_probabilities(pipeline.predict_proba(X), classes)

    return answer
