"""The files that answer without a pipeline: one graph alone, a text model, or a cascade."""

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from mlops_assets.bundle.cascade_answer import CascadeAnswer
from mlops_assets.bundle.manifest import CHEAP, GATE, GRAPH, READING, TOKENIZER
from mlops_assets.bundle.session import FeedAnswer, open_graph
from mlops_assets.bundle.text_answer import TextAnswer, text_model
from mlops_assets.training.bert.gate import Gate
from mlops_assets.training.bert.text_model import OpenTextModel

PARTS = (GRAPH, TOKENIZER, READING, CHEAP, GATE)


def open_answer(files: Mapping[str, bytes], classes: NDArray[Any] | None) -> FeedAnswer:
    """What the files among PARTS answer; `classes` None means a regression."""
    if TOKENIZER not in files:
        return open_graph(files[GRAPH], classes)
    costly = TextAnswer(OpenTextModel(text_model(files)), classes)
    if GATE not in files:
        return costly
    return CascadeAnswer(open_graph(files[CHEAP], classes), costly, Gate.model_validate_json(files[GATE]), classes)
