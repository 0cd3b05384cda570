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
