import numpy as np
import pytest

from mlops_assets.bundle.answers import Predictions, difference, from_probabilities, unsound

LABELS = np.array(["a", "b"])


def numbers(*values):
    return Predictions(np.array(values, dtype=float), None)


def test_equal_answers_do_not_differ():
    assert difference(numbers(1, 2), numbers(1, 2)) == ""


@pytest.mark.parametrize(("gap", "told"), [(0.9e-4, ""), (1.1e-4, "numbers differ by up to 0.00011")])
def test_small_numbers_are_compared_by_their_distance(gap, told):
    assert told in difference(numbers(0.0), numbers(gap))
    assert bool(told) == bool(difference(numbers(0.0), numbers(gap)))


def test_large_numbers_are_compared_by_their_ratio():
    assert difference(numbers(1e6), numbers(1e6 + 50)) == ""
    assert "differ by up to 0.00015" in difference(numbers(1e6), numbers(1e6 + 150))


def test_another_label_counts_however_close_the_probabilities():
    first = from_probabilities(np.array([[0.500001, 0.499999]]), LABELS)
    second = from_probabilities(np.array([[0.499999, 0.500001]]), LABELS)
    assert difference(first, second) == "1 of 1 labels differ"


def test_probabilities_are_compared():
    first = from_probabilities(np.array([[0.7, 0.3]]), LABELS)
    second = from_probabilities(np.array([[0.6, 0.4]]), LABELS)
    assert difference(first, second) == "probabilities differ by up to 0.1, allowed is 0.0001"


def test_other_shapes_are_named():
    first = from_probabilities(np.array([[0.7, 0.3]]), LABELS)
    second = from_probabilities(np.array([[0.7, 0.3], [0.5, 0.5]]), LABELS)
    assert "shape (1, 2) and (2, 2)" in difference(first, second)
    assert "shape (1,) and (2,)" in difference(numbers(1), numbers(1, 2))


def test_not_a_number_is_never_equal():
    assert difference(numbers(1.0), numbers(np.nan)) != ""


def test_finite_numbers_one_a_row_are_sound():
    assert unsound(numbers(1, 2), 2) == ""
    assert unsound(from_probabilities(np.array([[0.7, 0.3]]), LABELS), 1) == ""


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        (numbers(1.0, np.nan), "NaN or infinity among the answers"),
        (numbers(np.inf, 1.0), "NaN or infinity among the answers"),
        (numbers(1.0), "1 answers to 2 rows"),
        (Predictions(np.array(["5", "6"]), None), "answers of type <U1, numbers are due"),
        (Predictions(LABELS, np.array([[0.5, 0.5]])), "1 answers to 2 rows"),
    ],
)
def test_answers_that_no_one_can_use_are_named(answers, told):
    assert unsound(answers, 2) == told


def test_more_is_allowed_where_an_answer_may_be_rounded_otherwise():
    assert difference(numbers(1.0), numbers(1.1), 0.2) == ""
    assert difference(numbers(1.0), numbers(1.3), 0.2) == "numbers differ by up to 0.3, allowed is 0.2"
    first = from_probabilities(np.array([[0.55, 0.45]]), LABELS)
    assert difference(first, from_probabilities(np.array([[0.45, 0.55]]), LABELS), 0.2) == ""
    assert "differ by up to 0.3" in difference(first, from_probabilities(np.array([[0.25, 0.75]]), LABELS), 0.2)
