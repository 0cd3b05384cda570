import numpy as np
import pytest

from mlops_assets.decision.loss import answer_losses, predicted_losses
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


def test_the_quantile_loss_by_hand():
    # level 0.9: an answer 2 too low costs 0.9 * 2, one 2 too high 0.1 * 2
    decision = Decision(loss="quantile", level=0.9, loss_max=10)
    assert answer_losses([1.0, 5.0], [3.0, 3.0], decision) == pytest.approx([1.8, 0.2])


def test_log_loss_is_the_surprise_at_the_truth_and_clipped():
    # -log 0.5 = 0.693; a truth that is no class has no share and costs loss_max
    decision = Decision(loss="log_loss", loss_max=3)
    found = predicted_losses(["a", "a"], [[0.5, 0.5], [0.9, 0.1]], ["a", "b"], ["b", "c"], decision)
    assert found == pytest.approx([0.6931, 3.0], abs=1e-4)


def test_log_loss_needs_probabilities():
    with pytest.raises(ValueError, match="'log_loss' needs the probability that each answer gave to the truth"):
        predicted_losses(["a"], None, None, ["a"], Decision(loss="log_loss"))
