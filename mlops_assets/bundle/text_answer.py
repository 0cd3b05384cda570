"""A fine-tuned text model in a bundle: its files, and the answers from them without PyTorch."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops_assets.bundle.answers import Predictions, from_probabilities
from mlops_assets.bundle.feed import NUMBERS, Feed, feed_of
from mlops_assets.bundle.manifest import GRAPH, READING, TOKENIZER
from mlops_assets.training.bert.reading import Reading
from mlops_assets.training.bert.text_model import OpenTextModel, TextModel

Files = Mapping[str, bytes]


class TextAnswer:
    """Answers of a text model to inputs as `feed_of` gives them; `classes` None means a regression."""

    def __init__(self, model: OpenTextModel, classes: NDArray[Any] | None) -> None:
        self._model = model
        self._classes = classes
        reading = model.reading
        self.inputs = frozenset((*reading.texts, *reading.categories, *([NUMBERS] if reading.numbers else [])))

    def __call__(self, X: pd.DataFrame) -> Predictions:
        """Predictions for X."""
        return self.run(feed_of(X))

    def run(self, feed: Feed) -> Predictions:
        """Predictions for inputs as `feed_of` gives them."""
        return predictions(self._model.outputs(*read(self._model.reading, feed)), self._classes)


def read(reading: Reading, feed: Feed) -> tuple[list[str], NDArray[np.float32]]:
    """Joined texts and scaled numbers of a feed."""
    texts = reading.joined({name: feed[name][:, 0].tolist() for name in (*reading.texts, *reading.categories)})
    if not reading.numbers:
        return texts, np.zeros((len(texts), 0), np.float32)
    return texts, reading.scaled(feed[NUMBERS])


def predictions(outputs: NDArray[np.float64], classes: NDArray[Any] | None) -> Predictions:
    """Outputs of shape (n_samples, k) as labels with their probabilities, or as numbers."""
    return Predictions(outputs[:, 0], None) if classes is None else from_probabilities(outputs, classes)


def text_files(model: TextModel) -> dict[str, bytes]:
    """Name -> content of the model's files."""
    return {
        GRAPH: model.graph,
        TOKENIZER: model.tokenizer.encode(),
        READING: (model.reading.model_dump_json(indent=1) + "\n").encode(),
    }


def text_model(files: Files) -> TextModel:
    """The model that `text_files` wrote."""
    return TextModel(files[GRAPH], files[TOKENIZER].decode(), Reading.model_validate_json(files[READING]))
