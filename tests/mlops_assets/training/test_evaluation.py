import numpy as np
import pytest

from mlops_assets.training.automl import train
from mlops_assets.training.evaluation import Difference, compare, evaluate, evaluate_intervals, gate
from mlops_assets.training.features import feature_frame, target_values


def test_the_difference_is_positive_where_the_challenger_errs_less():
    found = compare(np.array([1.0, 1.0, 0.0, 1.0]), np.array([0.0, 1.0, 0.0, 0.0]))
    assert found.estimate == 0.5
    assert found.low <= 0.5 <= found.high
    assert found.rows == 4


def test_equal_losses_differ_by_exactly_nothing():
    same = np.array([0.3, 0.7])
    assert compare(same, same) == Difference(0.0, 0.0, 0.0, 2)


def test_the_interval_covers_as_wide_as_the_normal_one():
    differences = np.random.default_rng(0).normal(0.2, 1.0, size=400)
    found = compare(differences, np.zeros(400), resamples=4000)
    half = 1.96 * differences.std() / np.sqrt(400)
    assert found.high - found.low == pytest.approx(2 * half, rel=0.06)


def test_many_rows_are_resampled_in_slices():
    ones = np.ones(3_000_000)
    assert compare(ones, np.zeros(3_000_000), resamples=2) == Difference(1.0, 1.0, 1.0, 3_000_000)


@pytest.mark.parametrize(
    ("old", "new", "allowed", "passed"),
    [
        (None, None, 0.0, True),
        ((0.1, 0.05, 0.2), None, 0.0, True),
        ((-0.1, -0.2, 0.01), None, 0.0, True),  # worse by the estimate, but not surely
        ((-0.1, -0.2, -0.05), None, 0.0, False),
        ((-0.1, -0.2, -0.05), None, 0.1, True),  # within the allowance
        ((0.1, 0.05, 0.2), (-0.1, -0.2, -0.05), 0.1, False),  # no allowance on new batches
    ],
)
def test_the_gate_refuses_what_is_surely_worse(old, new, allowed, passed):
    first, second = (None if each is None else Difference(*each, rows=50) for each in (old, new))
    assert gate(first, second, allowed).passed is passed


def test_a_refusal_says_where_and_by_how_much():
    reason = gate(Difference(-0.1, -0.2, -0.05, 50), None, 0.01).reason
    assert reason == (
        "worse on old batches: the mean loss is 0.1 more than the champion's (95% interval 0.05 to 0.2, 50 rows); "
        "0.01 more is allowed"
    )


def test_without_a_champion_there_is_nothing_to_compare_with():
    assert gate(None, None, 0.0).reason == "no champion to compare with"


def test_rows_must_match():
    with pytest.raises(ValueError, match="rows differ: 2 and 1"):
        compare(np.zeros(2), np.zeros(1))
    with pytest.raises(ValueError, match="no rows"):
        compare(np.zeros(0), np.zeros(0))


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_intervals_hold_every_metric_around_its_value(build, frame, task):
    use_case = build(task, families=["tree"], tune_best=0)
    X, y = feature_frame(frame, use_case), target_values(frame, use_case)
    pipeline = train(X[:200], y[:200], use_case, lambda _: None).pipeline
    exact = evaluate(pipeline, X[200:], y[200:], use_case)
    found = evaluate_intervals(pipeline, X[200:], y[200:], use_case, resamples=50)
    assert {name: interval.estimate for name, interval in found.items()} == pytest.approx(exact)
    assert all(interval.low <= interval.estimate <= interval.high for interval in found.values())
