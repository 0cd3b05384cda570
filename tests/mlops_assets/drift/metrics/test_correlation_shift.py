import math

import numpy as np
import pytest
from scipy import stats

from mlops_assets.drift.metrics.correlation_shift import correlation_shift


def test_a_turned_pair_by_hand():
    # correlations 1 and -1: 2
    assert correlation_shift(np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([[0.0, 1.0], [1.0, 0.0]])) == pytest.approx(2)


@pytest.mark.parametrize("seed", range(3))
def test_the_largest_change_equals_scipy(seed):
    rng = np.random.default_rng(seed)
    first, second = rng.normal(size=(40, 3)), rng.normal(size=(30, 3))
    expected = max(
        abs(stats.pearsonr(first[:, i], first[:, j])[0] - stats.pearsonr(second[:, i], second[:, j])[0])
        for i, j in [(0, 1), (0, 2), (1, 2)]
    )
    assert correlation_shift(first, second) == pytest.approx(expected)


def test_columns_that_do_not_vary_have_no_correlation():
    assert math.isnan(correlation_shift(np.ones((5, 2)), np.ones((5, 2))))
