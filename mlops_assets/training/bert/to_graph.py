"""A fine-tuned network as an ONNX graph that answers in the target's own terms."""

import io
import warnings
from typing import Any

import numpy as np

from mlops_assets.training.bert.fine_tune import Sample, outputs
from mlops_assets.training.bert.text_model import BESIDE, IDS, MASK
from mlops_assets.training.bert.tokens import padded
from mlops_assets.training.onnx_session import open_session

OPSET = 17  # the newest that the exporter without onnxscript writes; every onnxruntime since 1.12 reads it
TOLERANCE = 1e-4  # of a standardised number or a probability; differences measured stay below 1e-5


class GraphError(RuntimeError):
    """The graph does not say what the network says; the sentence says by how much."""


def to_graph(network: Any, numbers: int, *, shift: float = 0.0, scale: float = 1.0, classify: bool = False) -> bytes:
    """The graph's bytes: probabilities where `classify`, else output times `scale` plus `shift`."""
    import torch

    class Answering(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, ids: Any, mask: Any, beside: Any) -> Any:
            said = self.network(ids, mask, beside)
            return said.softmax(1) if classify else said * scale + shift

    ids, mask = (torch.from_numpy(each) for each in padded([[101, 1037, 2204, 102], [101, 2143, 102]]))
    buffer, rows = io.BytesIO(), {0: "rows"}
    tokens = {0: "rows", 1: "tokens"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that this exporter is the older one; the newer one needs another package
        torch.onnx.export(
            Answering().eval(),
            (ids, mask, torch.zeros((2, numbers))),
            buffer,
            input_names=[IDS, MASK, BESIDE],
            output_names=["answer"],
            dynamic_axes={IDS: tokens, MASK: tokens, BESIDE: rows, "answer": rows},
            opset_version=OPSET,
            dynamo=False,
        )
    return buffer.getvalue()


def check_graph(graph: bytes, network: Any, sample: Sample, *, shift: float, scale: float, classify: bool) -> float:
    """The largest difference between graph and network on these rows, of standardised numbers or probabilities.

    Raises
    ------
    GraphError
        If it is above TOLERANCE.
    """
    import torch

    session, gaps = open_session(graph), []
    by_network = torch.from_numpy(outputs(network, sample))
    said = (by_network.softmax(1) if classify else by_network).numpy()
    named = {each.name for each in session.get_inputs()}
    for row, tokens in enumerate(sample.tokens):
        ids, mask = padded([tokens])
        feed = {IDS: ids, MASK: mask, BESIDE: sample.numbers[[row]]}
        answer = session.run(None, {name: value for name, value in feed.items() if name in named})[0]
        gaps.append(np.abs((answer - shift) / scale - said[row]).max())
    largest = float(np.max(gaps))  # NaN where one of them is
    if not largest <= TOLERANCE:
        raise GraphError(
            f"the exported graph and the network differ by {largest:.2g} on {len(gaps)} held-out rows, allowed is "
            f"{TOLERANCE:g}"
        )
    return largest
