import numpy as np
import pandas as pd
import pytest

from mlops_assets.drift.reference import build_reference


@pytest.fixture(scope="module")
def reference(use_case, draw):
    return build_reference(draw(600, 1), use_case, np.repeat([0, 1], 50), draws=200)


def test_the_same_data_gives_the_same_bytes(reference, use_case, draw):
    again = build_reference(draw(600, 1), use_case, np.repeat([0, 1], 50), draws=200)
    assert again.to_bytes() == reference.to_bytes()


def test_missing_values_and_predictions_are_remembered(reference):
    weight = reference.columns["weight"]
    assert weight.n + weight.missing == reference.rows == 600
    assert weight.missing > 30
    assert reference.prediction.counts == {"0": 50, "1": 50}


def test_a_regression_remembers_its_predictions_as_numbers(use_case, draw):
    regression = use_case.model_copy(update={"task": "regression"})
    reference = build_reference(draw(100, 1), regression, predictions=np.array([1.0, 3.0]), draws=50)
    assert reference.prediction.mean == 2.0
    assert reference.columns["label"].mean == pytest.approx(0.5, abs=0.2)


def test_columns_that_the_frame_lacks_are_left_out(use_case, draw):
    assert "label" not in build_reference(draw(50, 1).drop(columns="label"), use_case, draws=50).columns


def test_a_million_rows_stay_small(use_case):
    frame = pd.DataFrame({"size": np.random.default_rng(0).normal(size=10**6)})
    assert len(build_reference(frame, use_case, draws=50).to_bytes()) < 100_000


def test_rows_stay_whole(use_case):
    x = np.random.default_rng(0).normal(size=30_000)
    table = build_reference(pd.DataFrame({"size": x, "weight": -x}), use_case, draws=50).table
    assert table.codes.shape == (10_000, 2)
    assert np.corrcoef(table.codes.T.astype(float))[0, 1] < -0.999


def test_many_predictions_are_sampled(use_case, draw):
    reference = build_reference(draw(100, 1), use_case, predictions=np.zeros(30_000, dtype=int), draws=50)
    assert reference.predicted.codes.shape == (10_000, 1)


def test_columns_that_only_warn_are_kept_aside(use_case, draw):
    unused = use_case.columns["weight"].model_copy(update={"feature": False})
    other = use_case.model_copy(update={"columns": {**use_case.columns, "weight": unused}})
    reference = build_reference(draw(100, 1), other, draws=50)
    assert list(reference.aside.codings) == ["weight", "weekday"]
    assert "weight" not in reference.table.codings


def test_texts_of_the_reference_have_as_many_unknown_words_as_texts_of_a_batch(use_case):
    rng = np.random.default_rng(0)
    notes = [[" ".join(f"w{n}" for n in rng.zipf(1.5, 10)) for _ in range(1000)] for _ in range(2)]
    trained, batch = (pd.DataFrame({"note": texts}) for texts in notes)
    sketch = build_reference(trained, use_case, draws=50).columns["note (unknown words)"]
    assert sketch.mean > 0.03
    assert sketch.numbers(batch["note"]).mean() == pytest.approx(sketch.mean, rel=0.1)
