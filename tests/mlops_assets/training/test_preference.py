import numpy as np
import pytest

from mlops_assets.training.board import Leaderboard, Row
from mlops_assets.training.preference import equivalents, preferred

CHEAPER = "cheaper_if_equivalent"


def row(name, folds, ms, family="tree", metric="mae"):
    return Row(name, family, "plain", "ok", {metric: folds}, request_ms=ms)


# mean 2, deviation with n - 1 is 1, over the root of 4 folds: the standard error is 0.5
BEST = row("best", (2 - np.sqrt(0.75), 2 - np.sqrt(0.75), 2 + np.sqrt(0.75), 2 + np.sqrt(0.75)), 8.0)


def board(*rows, metric="mae"):
    return Leaderboard.of([*rows], metric)


@pytest.mark.parametrize(("mean", "winner"), [(2.49, "cheap"), (2.51, "best")])
def test_the_cheaper_wins_within_one_standard_error_and_not_beyond(mean, winner):
    assert preferred(board(BEST, row("cheap", (mean,) * 4, 1.0)), CHEAPER).candidate == winner


def test_the_best_score_wins_by_default_however_dear():
    assert preferred(board(BEST, row("cheap", (2.1,) * 4, 0.1)), "best").candidate == "best"


def test_half_as_much_again_is_no_gain():
    near = row("near", (2.1,) * 4, 1.4)
    assert preferred(board(BEST, near, row("nearest", (2.4,) * 4, 1.0)), CHEAPER).candidate == "near"
    dear = row("dear", (2.1,) * 4, 1.6)
    assert preferred(board(BEST, dear, row("cheapest", (2.4,) * 4, 1.0)), CHEAPER).candidate == "cheapest"


def test_the_baseline_is_no_bargain():
    assert preferred(board(BEST, row("dummy", (2.1,) * 4, 0.01, family="dummy")), CHEAPER).candidate == "best"


def test_a_larger_accuracy_is_judged_the_other_way():
    best = row("best", (0.8, 0.9, 0.8, 0.9), 5.0, metric="accuracy")  # error 0.0577 / 2 = 0.029
    rows = [best, row("near", (0.83,) * 4, 1.0, metric="accuracy"), row("far", (0.8,) * 4, 1.0, metric="accuracy")]
    assert [each.candidate for each in equivalents(board(*rows, metric="accuracy"))] == ["best", "near"]


def test_one_fold_knows_no_error_and_the_best_wins():
    rows = board(row("best", (1.0,), 9.0), row("cheap", (1.1,), 1.0))
    assert preferred(rows, CHEAPER).candidate == "best"


@pytest.mark.parametrize(("mean", "winner"), [(2.9, "cheap"), (3.1, "once")])
def test_a_best_row_of_one_fold_is_as_uncertain_as_one_fold(mean, winner):
    # the other row's folds deviate by 1 (n - 1); it is 0.1 less or more than that away from the one that saw one fold
    folds = tuple(np.array(BEST.scores["mae"]) - 2 + mean)
    once = row("once", (folds[-1] - mean + 2,), 8.0)
    assert preferred(board(once, row("cheap", folds, 1.0)), CHEAPER).candidate == winner
