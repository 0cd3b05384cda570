"""A fine-tuned text model as it is kept and served: a graph, a tokenizer, and how rows are read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops_assets.training.bert.reading import Reading
from mlops_assets.training.bert.tokens import batches_of_like_length, open_tokenizer, padded, tokenise
from mlops_assets.training.onnx_session import open_session

AT_ONCE = 32
IDS, MASK, BESIDE = "ids", "mask", "beside"


@dataclass(frozen=True)
class TextModel:
    """What a fine-tuned model leaves: data, no code.

    Attributes
    ----------
    graph : bytes
        ONNX: numbers of tokens, mask and scaled numbers in; probabilities or numbers in the target's unit out.
    tokenizer : str
        A tokenizer.json. It comes from the pretrained model and holds nothing of the training rows.
    reading : Reading
    """

    graph: bytes
    tokenizer: str
    reading: Reading


class OpenTextModel:
    """A text model that answers, on one thread, without PyTorch and transformers."""

    def __init__(self, model: TextModel) -> None:
        self.reading = model.reading
        self._tokenizer = open_tokenizer(model.tokenizer, model.reading.length_max)
        self._session = open_session(model.graph)
        self._at_once = 1 if model.reading.rounding else AT_ONCE
        self._takes_numbers = BESIDE in {each.name for each in self._session.get_inputs()}

    def outputs(self, texts: Sequence[str], numbers: NDArray[np.float32]) -> NDArray[np.float64]:
        """What the graph says, shape (n_samples, outputs).

        Parameters
        ----------
        texts : sequence of str
            As `Reading.joined` gives them.
        numbers : ndarray of shape (n_samples, k)
            As `Reading.scaled` gives them.
        """
        tokens = tokenise(self._tokenizer, texts)
        if len(tokens) == 1:
            return self._run(tokens, numbers)
        found: dict[int, Any] = {}
        for rows in batches_of_like_length([len(each) for each in tokens], self._at_once):
            found |= zip(rows.tolist(), self._run([tokens[row] for row in rows], numbers[rows]), strict=True)
        return np.stack([found[row] for row in range(len(found))])

    def _run(self, tokens: list[list[int]], numbers: NDArray[np.float32]) -> NDArray[np.float64]:
        ids, mask = padded(tokens)
        feed = {IDS: ids, MASK: mask} | ({BESIDE: numbers} if self._takes_numbers else {})
        said: NDArray[np.float32] = self._session.run(None, feed)[0]
        return said.astype(np.float64)
