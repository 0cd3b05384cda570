import numpy as np
import pytest

from mlops_assets.bundle.abstention import SLACK, Abstention, calibrate

CLASSES = np.array(["form", "letter"])


def shares(of_form):
    return np.column_stack([of_form, 1 - np.asarray(of_form)])


def test_the_limit_is_the_quantile_worked_by_hand():
    # nine forms; scores 1 - p are 0.1, 0.2, ... 0.9; the ceil(10 * 0.8) = 8th smallest is 0.8, so p >= 0.2 is possible
    probabilities = shares(np.arange(1, 10) / 10)
    found = calibrate(probabilities, CLASSES, np.array(["form"] * 9), error=0.2)
    assert found.least == pytest.approx(0.2 - SLACK)
    assert found.rows == 9


def test_too_few_rows_promise_nothing_and_abstain_from_all():
    # error 0.1 needs nine rows: ceil(9 * 0.9) = 9 > 8
    probabilities = shares(np.full(8, 0.99))
    found = calibrate(probabilities, CLASSES, np.array(["form"] * 8), error=0.1)
    assert found.least == 0.0
    assert found.abstains(probabilities).all()
    nine = shares(np.full(9, 0.99))
    assert calibrate(nine, CLASSES, np.array(["form"] * 9), error=0.1).least == pytest.approx(0.99 - SLACK)


def test_a_class_that_the_model_never_saw_has_no_probability():
    probabilities = shares([0.9] * 8 + [0.5, 0.5])
    y = np.array(["form"] * 8 + ["advert", "zebra"])  # one sorts before the known classes, one behind them
    found = calibrate(probabilities, CLASSES, y, error=0.1)
    assert found.least == 0.0  # the ceil(11 * 0.9) = 10th smallest score is 1
    assert found.covers(probabilities, CLASSES, y).tolist() == [True] * 10
    assert Abstention(0.1, 0.3, 10).covers(probabilities, CLASSES, y).tolist() == [True] * 8 + [False] * 2


def test_it_answers_where_one_class_is_left_and_abstains_from_none_and_from_several():
    found = Abstention(error=0.1, least=0.4, rows=20)
    rows = np.array([[0.9, 0.1, 0.0], [0.45, 0.45, 0.1], [0.35, 0.35, 0.3]])
    assert found.abstains(rows).tolist() == [False, True, True]
    assert [found.candidates(row) for row in rows.tolist()] == [[0], [0, 1], []]


def test_it_abstains_where_another_class_than_the_answer_is_the_one_left():
    probabilities, conformity = np.array([[0.7, 0.3], [0.7, 0.3]]), np.array([[0.2, 0.5], [0.5, 0.2]])
    assert Abstention(error=0.1, least=0.4, rows=20).abstains(probabilities, conformity).tolist() == [True, False]


def test_probabilities_of_one_are_answered_although_the_graph_rounds_them():
    found = calibrate(shares(np.ones(20)), CLASSES, np.array(["form"] * 20), error=0.1)
    assert not found.abstains(shares(np.array([0.9999999]))).any()


@pytest.mark.parametrize("error", [0.05, 0.1, 0.2])
def test_the_true_class_is_possible_as_often_as_was_promised(error):
    # A thousand calibrations on 60 rows each, each tried on 60 new ones. The promise is 1 - error, at most 1/61 more;
    # of 60,000 tries the standard error is below 0.3 points, so 2 points would be seen.
    random, n, tries = np.random.default_rng(5), 60, 1000
    covered = []
    for _ in range(tries):
        truth = random.integers(0, 2, 2 * n)
        certainty = 1 / (1 + np.exp(-random.normal(1.0, 1.5, 2 * n)))  # of the true class; often wrong
        probabilities = shares(np.where(truth == 0, certainty, 1 - certainty))
        y = CLASSES[truth]
        found = calibrate(probabilities[:n], CLASSES, y[:n], error)
        covered.append(found.covers(probabilities[n:], CLASSES, y[n:]).mean())
    assert np.mean(covered) == pytest.approx(1 - error + 0.5 / (n + 1), abs=0.02)
    assert np.mean(covered) >= 1 - error - 0.005


def test_it_comes_back_from_its_bytes():
    found = Abstention(error=0.1, least=0.25, rows=40)
    assert Abstention.from_json(found.to_json()) == found
