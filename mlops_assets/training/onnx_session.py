"""An ONNX Runtime session, as training and bundles open it."""

from typing import Any

ERRORS_ONLY = 4  # severity: a refused graph is our sentence, not the runtime's
SLOWER = "SkipLayerNormFusion"  # its fused node takes five times as long as the two that it replaces (1.31, on a CPU)


def open_session(graph: bytes) -> Any:
    """The session of a graph's bytes, on one thread of the processor."""
    import onnxruntime

    return onnxruntime.InferenceSession(graph, session_options(), providers=["CPUExecutionProvider"])


def session_options() -> Any:
    """One thread, errors only, and no optimisation that is none."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = ERRORS_ONLY
    options.add_session_config_entry("optimization.disable_specified_optimizers", SLOWER)
    return options
