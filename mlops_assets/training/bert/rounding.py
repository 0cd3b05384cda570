"""A text model whose matrix products are of whole numbers: about half the processor time a row, for a small error."""

import logging
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mlops_assets.training.bert.text_model import OpenTextModel, TextModel


def rounded(model: TextModel, texts: Sequence[str], numbers: NDArray[np.float32]) -> TextModel:
    """The model with its graph in whole numbers, and in its reading how far that moves an answer to these rows.

    Parameters
    ----------
    texts, numbers
        As `OpenTextModel.outputs` takes them.
    """
    row_by_row = model.reading.model_copy(update={"rounding": 1.0})  # until it is known
    coarse = replace(model, graph=_in_whole_numbers(model.graph), reading=row_by_row)
    gaps = np.abs(OpenTextModel(coarse).outputs(texts, numbers) - OpenTextModel(model).outputs(texts, numbers))
    largest = max(float(gaps.max()), np.finfo(np.float32).eps)
    return replace(coarse, reading=model.reading.model_copy(update={"rounding": largest}))


def _in_whole_numbers(graph: bytes) -> bytes:
    """The graph with weights of 7 bits, scaled by output, and activations of 8 bits, scaled as they come.

    Weights take 7 of their 8 bits, because processors without VNNI add pairs of products in 16 bits, where 8 overflow.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with tempfile.TemporaryDirectory() as place, _without_advice():
        before, after = Path(place) / "before.onnx", Path(place) / "after.onnx"
        before.write_bytes(graph)
        quantize_dynamic(
            before,
            after,
            op_types_to_quantize=["MatMul"],
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
        )
        return after.read_bytes()


@contextmanager
def _without_advice() -> Iterator[None]:
    """Nothing to the root logger, which the quantiser tells that shapes might be inferred first."""
    logging.getLogger().addFilter(_nothing)
    try:
        yield
    finally:
        logging.getLogger().removeFilter(_nothing)


def _nothing(record: logging.LogRecord) -> bool:
    return False
