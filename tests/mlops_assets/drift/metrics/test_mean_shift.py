import numpy as np
import pytest

from mlops_assets.drift.metrics.mean_shift import mean_shift


@pytest.mark.parametrize("current", [[4.0], [-2.0], [3.0, 5.0]])
def test_distance_of_the_means_in_reference_standard_deviations(current):
    # reference 0, 2: mean 1, std 1; means 4, -2, 4 are three away
    assert mean_shift(np.array([0.0, 2.0]), np.array(current)) == pytest.approx(3.0)


def test_a_constant_reference_has_no_unit():
    assert np.isnan(mean_shift(np.ones(3), np.array([1.0])))
