import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from mlops_assets.training.onnx_session import open_session, session_options

WIDTH = 8


def sum_and_norm():
    """A graph that adds two inputs of shape (1, 3, WIDTH) and normalises each row, as the layers of a BERT do."""
    shape = [1, 3, WIDTH]
    ones = numpy_helper.from_array(np.ones(WIDTH, np.float32), "ones")
    zeros = numpy_helper.from_array(np.zeros(WIDTH, np.float32), "zeros")
    nodes = [
        helper.make_node("Add", ["a", "b"], ["sum"]),
        helper.make_node("LayerNormalization", ["sum", "ones", "zeros"], ["c"], axis=-1),
    ]
    inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in ("a", "b")]
    output = helper.make_tensor_value_info("c", TensorProto.FLOAT, shape)
    graph = helper.make_graph(nodes, "layer", inputs, [output], [ones, zeros])
    opset = helper.make_opsetid("", 17)
    return helper.make_model(graph, opset_imports=[opset], ir_version=8).SerializeToString()


def test_a_sum_and_its_norm_are_not_fused_into_the_slower_node(tmp_path):
    options = session_options()
    options.optimized_model_filepath = str(tmp_path / "as_it_runs.onnx")
    onnxruntime.InferenceSession(sum_and_norm(), options, providers=["CPUExecutionProvider"])
    nodes = [node.op_type for node in onnx.load(tmp_path / "as_it_runs.onnx").graph.node]
    assert nodes == ["Add", "LayerNormalization"]


def test_a_session_answers_on_one_thread():
    session = open_session(sum_and_norm())
    assert session.get_session_options().intra_op_num_threads == 1
    a = np.tile(np.arange(WIDTH, dtype=np.float32), (1, 3, 1))
    found = session.run(None, {"a": a, "b": a})[0]
    np.testing.assert_allclose(found[0, 0], (a[0, 0] - 3.5) / np.sqrt(5.25), rtol=1e-4)  # variance of 0..7: 5.25
