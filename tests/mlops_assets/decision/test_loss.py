import numpy as np
import pytest

from mlops_assets.decision.loss import answer_losses
from mlops_assets.spec import Decision


def test_losses_of_classes_and_numbers_by_hand():
    assert answer_losses(["a", "b"], ["a", "c"], Decision(loss="zero_one")).tolist() == [0.0, 1.0]
    assert answer_losses([1, 9], [3, 2], Decision(loss="absolute", loss_max=5)).tolist() == [2.0, 5.0]
    assert answer_losses([2.0, 4.0], np.zeros(2), Decision(loss="squared", loss_max=10)).tolist() == [4.0, 10.0]


def test_no_answers_have_no_losses():
    assert answer_losses([], [], Decision(loss="squared")).tolist() == []


def test_lengths_that_differ_are_refused():
    with pytest.raises(ValueError, match="2 answers beside 1 truths"):
        answer_losses([1, 2], [1], Decision(loss="absolute"))
