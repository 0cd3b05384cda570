import pytest

from mlops_assets.training.board import Leaderboard, Row
from mlops_assets.training.promise import Promise, promised, promised_by


def test_a_level_that_stays_is_promised_by_the_mean():
    # forecasts of the folds 3, 4, 5: mean 11, 10.67, 11; last 12, 10, 12; trend 14, 8, 14. Truths 10, 12, 10
    # errors: mean 1 + 1.33 + 1, last 2 + 2 + 2, trend 4 + 4 + 4
    found = promised([10, 12, 10, 12, 10], larger_is_better=False)
    assert found == Promise(pytest.approx(10.8), pytest.approx(10.8 - 4 / 3), pytest.approx(10.8 + 4 / 3), found.by)
    assert found.by == "the mean of the folds"


def test_after_a_jump_the_last_fold_is_promised():
    # errors of the folds 3 to 6: mean 0 + 10 + 7.5 + 6, last 0 + 10 + 0 + 0, trend 0 + 10 + 10 + 0
    found = promised([2, 2, 2, 12, 12, 12], larger_is_better=False)
    assert found == Promise(12, 2, 22, "the last fold")  # what jumped once may jump again


def test_a_level_that_moves_is_promised_by_its_change():
    # trend errs by nothing up to 8, then by 1: the range is 1 wide on each side
    assert promised([2, 4, 6, 8, 11], larger_is_better=False) == Promise(14, 13, 15, "the last fold and its change")


def test_what_falls_is_promised_no_further_than_perfect():
    assert promised([3, 2, 1, 0], larger_is_better=False) == Promise(0, 0, 0, "the last fold and its change")


def test_where_larger_is_better_one_is_perfect():
    # distances 0.5, 0.375, 0.25, 0.125: next comes 0
    assert promised([0.5, 0.625, 0.75, 0.875], larger_is_better=True) == Promise(
        1.0, 1.0, 1.0, "the last fold and its change"
    )
    # distances 0.25, 0.25, 0.75: every forecast of the third is 0.25, and the first of equal ones is the mean
    found = promised([0.75, 0.75, 0.25], larger_is_better=True)
    assert (found.expected, found.low, found.high) == pytest.approx((1 - 1.25 / 3, 1 - 1.25 / 3 - 0.5, 1.0))


@pytest.mark.parametrize("scores", [[], [1.0, 2.0], [1.0, float("nan"), 2.0, 3.0]])
def test_few_folds_or_silent_ones_promise_nothing(scores):
    assert promised(scores, larger_is_better=False) is None


def test_folds_promise_in_the_order_of_time_alone():
    board = Leaderboard.of([Row("a", "tree", "plain", "ok", {"mae": (2.0, 2.0, 2.0)})], "mae")
    assert promised_by(board, "a", "time") == Promise(2, 2, 2, "the mean of the folds")
    assert promised_by(board, "a", "random") is None


def test_the_sentence_has_the_range_and_its_reason():
    assert Promise(24.12345, 20, 28.5, "the last fold").sentence("mae") == (
        "mae 24.12 is to be expected next (20 to 28.5), by the last fold"
    )
