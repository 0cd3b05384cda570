import numpy as np

from mlops_assets.training.board import Leaderboard, Row


def row(name, status="ok", **scores):
    return Row(name, "tree", "plain", status, scores, reason="" if status == "ok" else "because")


def test_larger_accuracy_comes_first():
    board = Leaderboard.of([row("low", accuracy=(0.2,)), row("high", accuracy=(0.9,))], "accuracy")
    assert [each.candidate for each in board.rows] == ["high", "low"]


def test_smaller_error_comes_first():
    board = Leaderboard.of([row("far", mae=(9.0,)), row("near", mae=(1.0,))], "mae")
    assert board.best.candidate == "near"


def test_failed_and_skipped_stay_at_the_end():
    rows = [row("skipped", "skipped"), row("failed", "failed"), row("fine", accuracy=(0.1,))]
    board = Leaderboard.of(rows, "accuracy")
    assert [each.candidate for each in board.rows] == ["fine", "failed", "skipped"]
    assert [each.candidate for each in board.ok] == ["fine"]


def test_mean_and_spread_are_over_the_folds():
    found = row("a", mae=(1.0, 3.0))
    assert (found.mean("mae"), found.std("mae")) == (2.0, 1.0)
    assert np.isnan(found.mean("rmse"))


def test_a_record_has_nothing_where_a_metric_is_not_available():
    record = Leaderboard.of([row("a", "failed")], "mae").to_records()[0]
    assert record["mae_mean"] is None
    assert record["request_ms"] is None
    assert record["reason"] == "because"
    assert record["status"] == "failed"


def test_who_saw_the_last_fold_alone_is_compared_there():
    # the last fold is hard: 1.6 for a row whose mean is 1.2; 1.3 there promises 1.2 + 1.3 - 1.6 = 0.9 over all folds
    full, easy = row("full", mae=(1.0, 1.0, 1.6)), row("worse", mae=(1.1, 1.1, 1.6))
    board = Leaderboard.of([full, easy, row("once", mae=(1.3,))], "mae")
    assert [each.candidate for each in board.ok] == ["once", "full", "worse"]
    assert round(board.level(board.best), 9) == 0.9
    assert board.best.mean("mae") == 1.3


def test_an_easy_last_fold_flatters_nobody():
    board = Leaderboard.of([row("full", mae=(2.0, 2.0, 0.5)), row("once", mae=(0.6,))], "mae")
    assert [each.candidate for each in board.ok] == ["full", "once"]


def test_alone_with_one_fold_a_row_stands_as_it_is():
    assert Leaderboard.of([row("once", accuracy=(0.6,))], "accuracy").best.candidate == "once"
