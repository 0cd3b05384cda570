"""The forest behind BentoML, with its adaptive batching."""

import os

import bentoml
import joblib
import numpy as np


@bentoml.service(workers=1)
class Forest:
    """One route that takes rows of numbers and gives probabilities."""

    def __init__(self) -> None:
        self.model = joblib.load(os.environ["FOREST"])

    @bentoml.api(batchable=True)  # type: ignore[misc]
    def predict(self, rows: np.ndarray) -> np.ndarray:
        """Probabilities of shape (n_samples, n_classes)."""
        return self.model.predict_proba(rows)
