import pandas as pd

from mlops_assets.training.latency import CALLS, request_ms


class Asked:
    """Remembers what it was asked, and takes 2 ms each time but a second the first time."""

    def __init__(self):
        self.rows, self.now = [], 0.0

    def predict(self, X):
        self.now += 0.002 if self.rows else 1.0
        self.rows.append(list(X["x"]))


def test_the_median_of_single_rows_in_turn():
    model = Asked()
    assert round(request_ms(model, pd.DataFrame({"x": [1, 2]}), "regression", lambda: model.now), 6) == 2.0
    assert len(model.rows) == CALLS
    assert model.rows[:3] == [[1], [2], [1]]
