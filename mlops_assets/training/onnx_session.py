"""An ONNX Runtime session, as training and bundles open it."""

from typing import Any

ERRORS_ONLY = 4  # severity: a refused graph is our sentence, not the runtime's


def open_session(graph: bytes) -> Any:
    """The session of a graph's bytes, on one thread of the processor."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = ERRORS_ONLY
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
