import numpy as np
import pytest
from scipy import stats

from mlops_assets.drift.metrics.wasserstein import wasserstein, wasserstein_distance


def test_a_shift_by_two_costs_two_over_the_standard_deviation():
    # reference 0, 2: std 1; current 2, 4: every value moved by 2; 2 / 1 = 2
    assert wasserstein(np.array([0.0, 2.0]), np.array([2.0, 4.0])) == pytest.approx(2.0)


def test_samples_of_unequal_size():
    # quantile functions on thirds: 0, 0, 3 against 1, 1, 1: (1 + 1 + 2) / 3
    assert wasserstein_distance(np.array([0.0, 0.0, 3.0]), np.array([1.0])) == pytest.approx(4 / 3)


@pytest.mark.parametrize(("n", "m"), [(1, 1), (7, 7), (10, 33), (500, 499), (1000, 20)])
@pytest.mark.parametrize("digits", [0, 1, 12])
def test_equals_scipy(n, m, digits):
    rng = np.random.default_rng(n + m)
    first, second = np.sort(rng.normal(size=n).round(digits)), np.sort(rng.normal(0.3, 2, size=m).round(digits))
    expected = stats.wasserstein_distance(first, second)
    assert wasserstein_distance(first, second) == pytest.approx(expected, rel=1e-10, abs=1e-12)
    assert wasserstein_distance(second, first) == pytest.approx(expected, rel=1e-10, abs=1e-12)


def test_far_from_zero_no_digits_are_lost():
    first = 1e9 + np.sort(np.random.default_rng(0).normal(size=1000))
    assert wasserstein_distance(first, first + 0.5) == pytest.approx(0.5, rel=1e-6)


def test_a_constant_reference_has_no_unit():
    assert np.isnan(wasserstein(np.ones(5), np.array([1.0, 2.0])))
