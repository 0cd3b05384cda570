import io
import json

import numpy as np
import pytest

from mlops_assets.drift.archive import InvalidReferenceError
from mlops_assets.drift.reference import Reference, build_reference
from mlops_assets.drift.score import score_drift


@pytest.fixture(scope="module")
def reference(use_case, draw):
    return build_reference(draw(600, 1), use_case, np.repeat([0, 1], 50), draws=200)


def test_bytes_come_back_as_the_same_reference(reference, use_case, draw):
    again = Reference.from_bytes(reference.to_bytes())
    assert again.to_bytes() == reference.to_bytes()
    batch = draw(200, 2)
    reports = [score_drift(one, batch, use_case.drift, np.repeat([0, 1], 100)) for one in (again, reference)]
    assert reports[0] == reports[1]


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
