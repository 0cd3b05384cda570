import math

import numpy as np
import pytest
from scipy import stats

from mlops_assets.drift.limits import SLOPE_MIN, Limits, fit_limits

LIMITS = Limits(np.array([50, 100, 200]), np.array([3.0, 2.0, 2.5]), np.array([0.5, 0.5, 0.5]))


def test_a_limit_goes_on_from_its_quantile_by_hand():
    # 2 + 0.5 ln(0.01 / 0.001) = 2 + 0.5 * 2.3026
    assert LIMITS.limit(100, 0.001) == pytest.approx(2 + 0.5 * math.log(10))


def test_between_two_sizes_the_larger_limit_holds_and_beyond_the_last_the_last():
    assert LIMITS.limit(70, 0.01) == 3.0
    assert LIMITS.limit(150, 0.01) == 2.5
    assert LIMITS.limit(10**6, 0.01) == 2.5


def test_a_batch_below_the_smallest_size_has_no_limit():
    with pytest.raises(ValueError, match="a batch of 49 rows has no limit; at least 50 are due"):
        LIMITS.limit(49, 0.01)
    with pytest.raises(ValueError, match="has no limit"):
        fit_limits([], []).limit(100, 0.01)


@pytest.mark.parametrize("looks", [1, 30])
def test_the_tail_of_exact_probabilities_is_found_beyond_all_draws(looks):
    rng = np.random.default_rng(looks)
    drawn = -np.log10(rng.random((10_000, looks)).min(axis=1))
    exact = -math.log10(-math.expm1(math.log1p(-1e-5) / looks))  # chance of 1e-5 that the largest exceeds it
    found = fit_limits([100], [drawn]).limit(100, 1e-5)
    assert exact - 0.2 < found < exact + 0.8


def test_the_slope_is_never_below_that_of_an_exact_probability():
    assert fit_limits([100], [np.linspace(0, 1, 1000)]).slopes[0] == SLOPE_MIN
    assert fit_limits([100], [np.zeros(1000)]).slopes[0] == SLOPE_MIN


def test_a_heavier_tail_has_a_steeper_slope():
    drawn = stats.expon.rvs(scale=1.0, size=20_000, random_state=0)
    assert fit_limits([100], [drawn]).slopes[0] == pytest.approx(1.0, abs=0.25)
