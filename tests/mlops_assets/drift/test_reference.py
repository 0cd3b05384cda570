import io
import json

import numpy as np
import pandas as pd
import pytest

from mlops_assets.drift.reference import InvalidReferenceError, Reference, build_reference
from mlops_assets.drift.score import score_drift


@pytest.fixture(scope="module")
def reference(use_case, draw):
    return build_reference(draw(600, 1), use_case, np.repeat([0, 1], 50), np.repeat([0.0, 1.0], [80, 20]))


def test_bytes_come_back_as_the_same_reference(reference, use_case, draw):
    again = Reference.from_bytes(reference.to_bytes())
    assert again.to_bytes() == reference.to_bytes()
    batch = draw(200, 2)
    assert score_drift(again, batch, use_case.drift) == score_drift(reference, batch, use_case.drift)


def test_the_same_data_gives_the_same_bytes(reference, use_case, draw):
    again = build_reference(draw(600, 1), use_case, np.repeat([0, 1], 50), np.repeat([0.0, 1.0], [80, 20]))
    assert again.to_bytes() == reference.to_bytes()


def test_missing_values_predictions_and_losses_are_remembered(reference):
    weight = reference.columns["weight"]
    assert weight.n + weight.missing == reference.rows == 600
    assert weight.missing > 30
    assert reference.prediction.counts == {"0": 50, "1": 50}
    assert (reference.losses.n, reference.losses.mean) == (100, pytest.approx(0.2))


def test_a_regression_remembers_its_predictions_as_numbers(use_case, draw):
    regression = use_case.model_copy(update={"task": "regression"})
    reference = build_reference(draw(100, 1), regression, predictions=np.array([1.0, 3.0]))
    assert reference.prediction.mean == 2.0
    assert reference.columns["label"].mean == pytest.approx(0.5, abs=0.2)
    assert reference.losses is None


def test_columns_that_the_frame_lacks_are_left_out(use_case, draw):
    assert "label" not in build_reference(draw(50, 1).drop(columns="label"), use_case).columns


def test_a_million_rows_stay_small(use_case):
    frame = pd.DataFrame({"size": np.random.default_rng(0).normal(size=10**6)})
    assert len(build_reference(frame, use_case).to_bytes()) < 100_000


@pytest.mark.parametrize("broken", ["empty", "half", "json", "array", "format", "pickle"])
def test_broken_bytes_are_refused_with_a_sentence(reference, broken):
    whole = reference.to_bytes()
    middle = len(whole) // 2
    data = {
        "empty": b"",
        "half": whole[:middle],
        "json": b'{"format": 1}',
        "array": _npz(other=np.zeros(2)),
        "format": _npz(header=np.frombuffer(json.dumps({"format": 99}).encode(), dtype=np.uint8)),
        "pickle": _npz(header=np.array([{"format": 1}], dtype=object)),
    }[broken]
    with pytest.raises(InvalidReferenceError, match="drift reference: "):
        Reference.from_bytes(data)


def test_a_flipped_byte_never_changes_a_reference_unseen(reference):
    whole = reference.to_bytes()
    refused = 0
    for at in range(0, len(whole), 97):
        try:
            again = Reference.from_bytes(whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :])
        except InvalidReferenceError:
            refused += 1
        else:  # a field of the archive that says nothing about its content
            assert again.to_bytes() == whole
    assert refused > 0.9 * len(whole) / 97


def _npz(**arrays):
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()
