import numpy as np
import pytest
from scipy.spatial import distance

from mlops_assets.drift.metrics.jensen_shannon import jensen_shannon, numeric_jensen_shannon


def test_nothing_in_common_is_one():
    assert jensen_shannon(np.array([5.0, 0.0]), np.array([0.0, 3.0])) == pytest.approx(1.0)


def test_by_hand():
    # p = (1, 0), q = (1/2, 1/2), m = (3/4, 1/4): KL(p, m) = log2(4/3), KL(q, m) = (log2(2/3) + log2(2)) / 2
    by_hand = np.sqrt((np.log2(4 / 3) + (np.log2(2 / 3) + 1) / 2) / 2)
    assert jensen_shannon(np.array([4.0, 0.0]), np.array([2.0, 2.0])) == pytest.approx(by_hand)


@pytest.mark.parametrize("seed", range(5))
def test_equals_scipy(seed):
    first, second = np.random.default_rng(seed).poisson(3, size=(2, 12)).astype(float)
    assert jensen_shannon(first, second) == pytest.approx(distance.jensenshannon(first, second, base=2))


def test_values_beyond_the_reference_are_far_from_it():
    assert numeric_jensen_shannon(np.arange(100.0), np.full(50, 1e6)) > 0.8
