"""Bundles of wine models that always say the same, and models whose files are right and whose answers are not."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pandas as pd
from onnx import TensorProto, helper, numpy_helper

from mlops_assets.bundle.export import write_bundle
from mlops_assets.bundle.manifest import GRAPH, MANIFEST, Manifest, entry, seal
from mlops_assets.use_cases.load import find_use_case

CERTAIN = 50.0  # an intercept beside which no wine matters
OPSET = 18
Nodes = list[onnx.NodeProto]


def write_constant(folder: Path, answer: int) -> Path:
    """The bundle of a wine model that answers 5 or 6 whatever it is asked."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    use_case, random = find_use_case("wine_quality"), np.random.default_rng(7)
    X = pd.DataFrame({name: random.uniform(column.min, column.max, 40) for name, column in use_case.features.items()})
    y = np.where(np.arange(40) % 2 == 0, 5, 6)
    pipeline = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
    pipeline[-1].intercept_[:] = CERTAIN if answer == 6 else -CERTAIN
    write_bundle(folder, pipeline, use_case, b"reference", X, y)
    return folder


def reseal(folder: Path, **change: object) -> None:
    """A manifest whose hashes fit the files, as whoever can write to the artefact store can make it."""
    body = json.loads((folder / MANIFEST).read_bytes())["manifest"] | change
    body["files"] = {path.name: entry(path).model_dump() for path in folder.iterdir() if path.name != MANIFEST}
    (folder / MANIFEST).write_bytes(seal(Manifest.model_validate_json(json.dumps(body))))


def spoil(folder: Path, how: str) -> None:
    """Append to the graph what makes its answers unfit; the hashes fit again afterwards."""
    kind = TensorProto.STRING if how == "type" else TensorProto.FLOAT
    graph = onnx.load(str(folder / GRAPH))
    output = graph.graph.output[-1].name
    del graph.graph.output[-1]
    graph.graph.node.extend(SPOILED[how](output))
    graph.graph.output.append(helper.make_tensor_value_info("spoiled", kind, None))
    (folder / GRAPH).write_bytes(graph.SerializeToString())
    reseal(folder)


def _constant(name: str, values: object, kind: type = np.float32) -> onnx.NodeProto:
    return helper.make_node("Constant", [], [name], value=numpy_helper.from_array(np.array(values, dtype=kind)))


def _nan(output: str) -> Nodes:
    return [_constant("nan", np.nan), helper.make_node("Add", [output, "nan"], ["spoiled"])]


def _twice(output: str) -> Nodes:
    return [helper.make_node("Concat", [output, output], ["spoiled"], axis=0)]


def _texts(output: str) -> Nodes:
    return [_constant("word", [["five", "six"]], str), helper.make_node("Identity", ["word"], ["spoiled"])]


def _huge(output: str) -> Nodes:
    """3 GB of float32, added up."""
    return [
        _constant("size", [750_000_000], np.int64),
        helper.make_node("ConstantOfShape", ["size"], ["huge"]),
        helper.make_node("ReduceSum", ["huge"], ["sum"], keepdims=0),
        helper.make_node("Add", [output, "sum"], ["spoiled"]),
    ]


def _crash(output: str) -> Nodes:
    """The smallest whole number divided by -1, which the processor answers with a signal."""
    return [
        helper.make_node("Cast", [output], ["whole"], to=TensorProto.INT64),
        helper.make_node("Sub", ["whole", "whole"], ["zero"]),
        _constant("smallest", np.iinfo(np.int64).min, np.int64),
        _constant("one", 1, np.int64),
        helper.make_node("Sub", ["zero", "one"], ["minus_one"]),
        helper.make_node("Add", ["zero", "smallest"], ["dividend"]),
        helper.make_node("Div", ["dividend", "minus_one"], ["crashed"]),
        helper.make_node("Cast", ["crashed"], ["spoiled"], to=TensorProto.FLOAT),
    ]


def _endless(output: str) -> Nodes:
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["go_on"]), helper.make_node("Sqrt", ["state"], ["next"])],
        "body",
        [
            helper.make_tensor_value_info("turn", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("state", TensorProto.FLOAT, None),
        ],
        [
            helper.make_tensor_value_info("go_on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("next", TensorProto.FLOAT, None),
        ],
    )
    return [
        _constant("turns", 2**62, np.int64),
        _constant("yes", True, bool),
        helper.make_node("Loop", ["turns", "yes", output], ["spoiled"], body=body),
    ]


SPOILED: dict[str, Callable[[str], Nodes]] = {
    "hangs": _endless,
    "crashes": _crash,
    "nan": _nan,
    "length": _twice,
    "type": _texts,
    "3 GB": _huge,
}
