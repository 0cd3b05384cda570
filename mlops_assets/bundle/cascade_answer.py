"""A cascade in a bundle: the cheap graph answers, the text model is asked where the gate says so."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops_assets.bundle.answers import TOLERANCE, Predictions
from mlops_assets.bundle.feed import Feed, feed_of
from mlops_assets.bundle.session import FeedAnswer
from mlops_assets.bundle.text_answer import predictions
from mlops_assets.training.bert.gate import Gate


class CascadeAnswer:
    """Answers of a cascade; `classes` None means a regression."""

    def __init__(self, cheap: FeedAnswer, costly: FeedAnswer, gate: Gate, classes: NDArray[Any] | None) -> None:
        self._cheap = cheap
        self._costly = costly
        self._classes = classes
        self.gate = gate
        self.inputs = cheap.inputs | costly.inputs

    def __call__(self, X: pd.DataFrame) -> Predictions:
        """Predictions for X."""
        return self.run(feed_of(X))

    def run(self, feed: Feed) -> Predictions:
        """Predictions for inputs as `feed_of` gives them."""
        found = outputs(self._cheap.run(feed))
        asked = self.gate.asks(found)
        if asked.any():
            costly = outputs(self._costly.run({name: values[asked] for name, values in feed.items()}))
            found[asked] = self.gate.mixed(found[asked], costly)
        return predictions(found, self._classes)

    def at_the_edge(self, X: pd.DataFrame) -> NDArray[np.bool_]:
        """Rows so near the threshold that a rounding of the cheap answer decides whether the other model is asked."""
        if self.gate.threshold is None:
            return np.zeros(len(X), dtype=np.bool_)
        gap = np.abs(self.gate.unsure(outputs(self._cheap(X))) - self.gate.threshold)
        return np.asarray(gap <= TOLERANCE * max(1.0, abs(self.gate.threshold)))


def outputs(found: Predictions) -> NDArray[np.float64]:
    """Numbers in one column, or probabilities, shape (n_samples, k)."""
    if found.probabilities is not None:
        return found.probabilities
    return np.array(found.values, dtype=np.float64).reshape(-1, 1)
