"""Answers of an ONNX graph, on one thread."""

from collections.abc import Callable
from typing import Any

import pandas as pd
from numpy.typing import NDArray

from mlops_assets.bundle.answers import Predictions, from_probabilities
from mlops_assets.bundle.feed import feed_of

Answer = Callable[[pd.DataFrame], Predictions]

ERRORS_ONLY = 4  # severity: a refused graph is our sentence, not the runtime's


def open_graph(data: bytes, classes: NDArray[Any] | None) -> Answer:
    """X -> predictions; `classes` None means a regression."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = ERRORS_ONLY
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    inputs = {each.name for each in session.get_inputs()}
    last = session.get_outputs()[-1].name

    def answer(X: pd.DataFrame) -> Predictions:
        feed = {name: values for name, values in feed_of(X).items() if name in inputs}
        output = session.run([last], feed)[0]
        return Predictions(output.reshape(len(X)), None) if classes is None else from_probabilities(output, classes)

    return answer


def of_pipeline(pipeline: Any, classes: NDArray[Any] | None) -> Answer:
    """X -> predictions of a fitted scikit-learn pipeline."""

    def answer(X: pd.DataFrame) -> Predictions:
        if classes is None:
            return Predictions(pipeline.predict(X), None)
        return from_probabilities(pipeline.predict_proba(X), classes)

    return answer
