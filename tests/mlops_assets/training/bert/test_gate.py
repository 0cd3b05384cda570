import numpy as np
import pytest

from mlops_assets.training.bert.gate import BIN_ROWS_MIN, Gate, choose_share, choose_threshold, learn_errors, row_losses


def test_the_expected_error_is_the_mean_of_its_bin_and_linear_in_between():
    answers = np.repeat([0.0, 10.0], BIN_ROWS_MIN)
    errors = np.where(answers == 0, 1.0, 3.0)
    gate = learn_errors(answers, errors)  # two bins: errors 1 around 0 and 3 around 10
    assert (gate.answers, gate.errors) == ((0.0, 10.0), (1.0, 3.0))
    assert gate.unsure(np.array([[-5.0], [0.0], [5.0], [20.0]])).tolist() == [1.0, 1.0, 2.0, 3.0]


def test_a_classification_is_as_unsure_as_its_largest_probability_is_small():
    gate = Gate(threshold=0.4)
    probabilities = np.array([[0.9, 0.1], [0.6, 0.4], [0.5, 0.5]])
    np.testing.assert_allclose(gate.unsure(probabilities), [0.1, 0.4, 0.5])
    assert gate.asks(probabilities).tolist() == [False, True, True]


def test_without_a_threshold_nothing_is_asked():
    assert Gate().asks(np.array([[0.5, 0.5]])).tolist() == [False]


@pytest.mark.parametrize(
    ("wanted", "threshold", "share"), [(2.0, 4.0, 0.25), (2.1, 3.0, 0.5), (4.0, 2.0, 0.75), (9, 1.0, 1)]
)
def test_the_fewest_rows_that_gain_enough_are_asked(wanted, threshold, share):
    # gains by falling unsureness: 2, 1, 1, 0; one row gains 2, two 3, three 4, and nothing gains 9
    unsure, gains = np.array([1.0, 2.0, 4.0, 3.0]), np.array([0.0, 1.0, 2.0, 1.0])
    assert choose_threshold(unsure, gains, wanted) == (threshold, share)


def test_rows_that_are_equally_unsure_are_asked_together():
    assert choose_threshold(np.ones(4), np.ones(4), 2.0) == (1.0, 1.0)


def test_a_costly_model_that_gains_nothing_is_not_asked():
    assert choose_threshold(np.arange(3.0), np.ones(3), 0.0) == (None, 0.0)


def test_the_share_is_the_one_that_errs_least():
    # truth 0, answers -1 and 3: three quarters of -1 and a quarter of 3 are 0
    cheap, costly = np.array([[3.0], [-3.0]]), np.array([[-1.0], [1.0]])
    gate = choose_share(Gate(), cheap, costly, lambda answers: np.abs(answers[:, 0]))
    assert gate.share == 0.75
    np.testing.assert_allclose(gate.mixed(cheap, costly), 0, atol=1e-12)
    assert choose_share(Gate(), 0 * cheap, 0 * cheap, lambda answers: np.abs(answers[:, 0])).share == 1


def test_losses_are_those_of_the_metric():
    numbers = np.array([[1.0], [4.0]])
    assert row_losses(numbers, np.array([2.0, 1.0]), "mae", None).tolist() == [1.0, 3.0]
    assert row_losses(numbers, np.array([2.0, 1.0]), "rmse", None).tolist() == [1.0, 9.0]
    shares = np.array([[0.5, 0.5], [1.0, 0.0]])
    found = row_losses(shares, np.array(["b", "b"]), "accuracy", np.array(["a", "b"]))
    assert found.tolist() == pytest.approx([np.log(2), -np.log(np.finfo(float).eps)])
