import numpy as np
import pytest
from scipy import stats

from mlops_assets.drift.metrics.ks import ks


def test_largest_gap_by_hand():
    # at 2: all of the first (1) against a third of the second: 2/3
    assert ks(np.array([1.0, 2.0]), np.array([2.0, 3.0, 4.0])) == pytest.approx(2 / 3)


def test_nothing_in_common_is_one():
    assert ks(np.array([1.0, 2.0]), np.array([5.0])) == 1.0
    assert ks(np.array([5.0]), np.array([1.0, 2.0])) == 1.0


@pytest.mark.parametrize(("n", "m"), [(1, 3), (30, 30), (40, 700), (900, 60)])
@pytest.mark.parametrize("digits", [0, 1, 12])
def test_the_statistic_equals_scipy(n, m, digits):
    rng = np.random.default_rng(n * m)
    first, second = np.sort(rng.normal(size=n).round(digits)), np.sort(rng.normal(0.2, 1.1, size=m).round(digits))
    expected = stats.ks_2samp(first, second, method="asymp")
    assert ks(first, second) == pytest.approx(expected.statistic, abs=1e-12)
