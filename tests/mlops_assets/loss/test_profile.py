import numpy as np
import pandas as pd
import pytest

from mlops_assets.loss.profile import Answers, InvalidProfileError, LossProfile, build_profile
from mlops_assets.spec import Column, Decision

COLUMNS = {"x": Column(kind="numeric"), "c": Column(kind="category"), "t": Column(kind="text")}


def frame(n, seed):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {"x": rng.normal(size=n), "c": rng.choice(["a", "b"], n), "t": ["word " * (at % 5) for at in range(n)]}
    )


@pytest.fixture(scope="module")
def numbers():
    """A profile of a regression that errs most where c is b."""
    held_out = frame(600, 1)
    losses = np.where(held_out["c"] == "b", 8.0, 2.0)
    answers = Answers(held_out["x"].to_numpy())
    return build_profile(frame(2400, 0), held_out, answers, losses, COLUMNS, Decision(loss="absolute", loss_max=50))


@pytest.fixture(scope="module")
def labels():
    held_out, confidence = frame(600, 1), np.random.default_rng(2).uniform(0.5, 1, 600)
    losses = (np.random.default_rng(3).random(600) > confidence).astype(float)
    answers = Answers(np.full(600, "yes"), confidence)
    return build_profile(frame(2400, 0), held_out, answers, losses, COLUMNS, Decision(loss="zero_one"))


def test_the_risk_of_a_number_follows_what_the_row_looks_like(numbers):
    rows = pd.DataFrame({"x": [0.0, 0.0], "c": ["a", "b"], "t": ["", ""]})
    assert numbers.risk(rows, Answers(np.zeros(2))) == pytest.approx([2, 8], abs=0.3)


def test_the_risk_of_a_class_is_what_its_probability_leaves(labels):
    assert labels.risk(frame(2, 0), Answers(np.array(["no", "no"]), np.array([0.9, 0.6]))) == pytest.approx([0.1, 0.4])
    with pytest.raises(ValueError, match="answered without them"):
        labels.risk(frame(2, 0), Answers(np.zeros(2)))


@pytest.mark.parametrize("name", ["numbers", "labels"])
def test_it_comes_back_from_its_bytes(name, request):
    profile = request.getfixturevalue(name)
    back = LossProfile.from_bytes(profile.to_bytes())
    assert back.to_bytes() == profile.to_bytes()
    assert back.columns == profile.columns
    answers = Answers(np.zeros(20), np.full(20, 0.7) if name == "labels" else None)
    assert back.risk(frame(20, 4), answers) == pytest.approx(profile.risk(frame(20, 4), answers))
    assert (back.loss, back.held_out.n) == (profile.loss, 600)
    assert len(profile.to_bytes()) < 10_000


def test_damaged_bytes_are_refused(numbers):
    data = numbers.to_bytes()
    for broken in (b"", data[:-40], data.replace(b"PK\x01\x02", b"PK\x01\x03", 1), data[:60] + b"\xff" * 9 + data[69:]):
        with pytest.raises(InvalidProfileError, match="cannot be read"):
            LossProfile.from_bytes(broken)
