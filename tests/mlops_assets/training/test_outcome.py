import pytest

from mlops_assets.training.budget import Budget
from mlops_assets.training.candidate import Candidate
from mlops_assets.training.outcome import failed, finished, overrun

CANDIDATE = Candidate("tree", "tree", "plain", pipeline=None, rank=1)


def test_scores_are_kept_by_metric_in_the_order_of_folds():
    row = finished(CANDIDATE, [{"mae": 1.0, "r2": 0.5}, {"mae": 3.0, "r2": 0.1}], "mae", 2.0)
    assert row.scores == {"mae": (1.0, 3.0), "r2": (0.5, 0.1)}
    assert (row.status, row.seconds) == ("ok", 2.0)


def test_a_metric_that_is_no_number_on_a_fold_fails():
    row = finished(CANDIDATE, [{"r2": 0.5}, {"r2": float("nan")}], "r2", 2.0)
    assert (row.status, row.reason) == ("failed", "r2 is not a number on fold 2")
    assert row.scores == {}


def test_a_long_error_is_cut_and_stands_on_one_line():
    row = failed(CANDIDATE, ValueError("a\nb " * 500), 0.0)
    assert row.reason.startswith("ValueError: a b a b")
    assert len(row.reason) == 500


@pytest.mark.parametrize(
    ("seconds", "done", "told"),
    [(0.0, 0, False), (2.0, 1, False), (3.0, 1, True)],  # four more folds of 2 s fit into 10 s, of 3 s do not
)
def test_the_folds_that_remain_are_foreseen(seconds, done, told):
    assert bool(overrun(seconds, done, 5, Budget(10, lambda: 0.0))) is told
