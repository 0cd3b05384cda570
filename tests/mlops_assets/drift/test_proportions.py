import numpy as np
import pytest

from mlops_assets.drift.proportions import proportions_p_value


def test_few_hits_by_hand():
    # given 4 hits and equal rows, all 4 fall on b with chance 1/16; doubled
    assert proportions_p_value(0, 100, 4, 100) == pytest.approx(2 / 16)


def test_many_hits_by_hand():
    # pooled 0.4, spread sqrt(0.24 * 2 / 100) = 0.0692820, z = 0.2 / 0.0692820 = 2.886751, p = 0.003892
    assert proportions_p_value(30, 100, 50, 100) == pytest.approx(0.003892, abs=1e-6)


def test_hits_and_misses_are_alike():
    assert proportions_p_value(99, 100, 95, 100) == pytest.approx(proportions_p_value(1, 100, 5, 100))


@pytest.mark.parametrize("counts", [(0, 10, 0, 20), (10, 10, 20, 20)])
def test_all_or_none_on_both_sides_says_nothing(counts):
    assert proportions_p_value(*counts) == 1.0


def test_no_hits_left_is_a_fall():
    assert proportions_p_value(20, 100, 0, 100) < 0.001


@pytest.mark.parametrize(("share", "n"), [(0.01, 60), (0.2, 60), (0.5, 400)])
def test_the_promised_rate_holds(share, n):
    rng = np.random.default_rng(3)
    pairs = zip(rng.binomial(5000, share, 4000), rng.binomial(n, share, 4000), strict=True)
    alarms = np.mean([proportions_p_value(int(a), 5000, int(b), n) <= 0.01 for a, b in pairs])
    assert alarms <= 0.01 + 3 * np.sqrt(0.01 * 0.99 / 4000)
