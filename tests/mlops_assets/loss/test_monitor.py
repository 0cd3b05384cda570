import math

import numpy as np
import pytest

from mlops_assets.loss import monitor as loss_monitor
from mlops_assets.loss.monitor import evidence_path, loss_evidence
from mlops_assets.loss.sketch import sketch_losses


def zero_ones(rng, n, p):
    return sketch_losses(rng.random(n) < p, 1.0)


def minutes(rng, n, mean):
    return sketch_losses(rng.gamma(2, mean / 2, n), 120.0)


def test_the_capital_is_what_the_formula_says():
    # Reference: 100 rows, 20 errors. One batch: 10 rows, 6 errors. Candidate m = 0.25, zero-one losses.
    # Below: a stake of 2 / (sqrt(0.1875) * 10) = 0.461880; an error is 0.75 above m, a right answer 0.25 below it:
    #   20 * log(1 - 0.461880 * 0.75) + 80 * log(1 + 0.461880 * 0.25) = -8.505506 + 8.742071 = 0.236565,
    #   of which 0.1 + 0.9 * exp(0.236565) = 1.240201 is left with a tenth idle.
    # Above, for 200 rows since: a stake of 4 / (0.4 * sqrt(200)) * 100 / 300 = 0.235702:
    #   6 * log(1 + 0.235702 * 0.75) + 4 * log(1 - 0.235702 * 0.25) = 0.976675 - 0.242932 = 0.733742
    reference, batch = sketch_losses(np.repeat([1, 0], [20, 80]), 1.0), sketch_losses(np.repeat([1, 0], [6, 4]), 1.0)
    means, points = np.array([0.25]), np.array([0.0, 1.0])
    bets = means[:, None] - points
    below = loss_monitor._below(means, bets, np.array([[80.0, 20.0]]), [1.0])
    assert math.exp(below[0, 0]) == pytest.approx(1.240201, abs=1e-6)
    above = loss_monitor._above(means, -bets, np.array([[4.0, 6.0]]), reference)
    assert above[0, 0, 0] == pytest.approx(0.733742, abs=1e-6)
    assert batch.n == 10


def test_the_first_batches_of_a_change_have_the_largest_weights_and_all_sum_to_one():
    weights = np.exp(loss_monitor._log_weights(100_000))
    assert weights[0] == pytest.approx(1 / 7)  # 6 / (6 * 7)
    assert weights.sum() == pytest.approx(1, abs=1e-4)
    assert (np.diff(weights) < 0).all()


def test_calm_batches_bring_no_evidence():
    rng = np.random.default_rng(0)
    found = loss_evidence(zero_ones(rng, 2000, 0.2), [zero_ones(rng, 500, 0.2) for _ in range(20)], two_points=True)
    assert found.log_e < 0
    assert found.p_value == 1


def test_a_rise_is_found_and_dated():
    rng = np.random.default_rng(1)
    batches = [zero_ones(rng, 500, 0.2) for _ in range(10)] + [zero_ones(rng, 500, 0.3) for _ in range(3)]
    found = loss_evidence(zero_ones(rng, 2000, 0.2), batches, two_points=True)
    assert found.p_value < 1e-6
    assert found.since == 10


def test_a_fall_is_no_rise():
    rng = np.random.default_rng(2)
    batches = [minutes(rng, 500, 20) for _ in range(3)] + [minutes(rng, 500, 10) for _ in range(5)]
    assert loss_evidence(minutes(rng, 1000, 20), batches).p_value == 1


def test_the_error_of_a_small_reference_counts():
    """20 errors in 100 rows: three batches at 30 % prove nothing, with 2,000 rows they do."""
    rng = np.random.default_rng(3)
    batches = [zero_ones(rng, 500, 0.3) for _ in range(3)]
    small, large = (sketch_losses(np.repeat([1, 0], [n // 5, n - n // 5]), 1.0) for n in (100, 2000))
    assert loss_evidence(small, batches, two_points=True).p_value > 0.05
    assert loss_evidence(large, batches, two_points=True).p_value < 1e-4


def test_the_path_is_what_each_look_would_have_said():
    rng = np.random.default_rng(4)
    reference, batches = minutes(rng, 800, 20), [minutes(rng, 200, mean) for mean in (20, 20, 24, 24)]
    path = evidence_path(reference, batches)
    for looks in range(1, 5):
        alone = loss_evidence(reference, batches[:looks]).log_e
        assert alone == pytest.approx(path[looks - 1], abs=0.02)  # candidates stand a little elsewhere


@pytest.mark.parametrize("errors", [0, 2000])
def test_a_champion_that_never_or_always_erred_can_be_judged(errors):
    rng = np.random.default_rng(5)
    reference = sketch_losses(np.repeat([1, 0], [errors, 2000 - errors]), 1.0)
    same = [sketch_losses(np.full(200, float(errors > 0)), 1.0)] * 3
    assert loss_evidence(reference, same, two_points=True).p_value == 1
    if errors == 0:
        assert loss_evidence(reference, [zero_ones(rng, 200, 0.1)], two_points=True).p_value < 0.01
