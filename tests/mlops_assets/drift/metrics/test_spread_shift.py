import math

import numpy as np
import pytest

from mlops_assets.drift.metrics.spread_shift import spread_shift


def test_twice_the_spread_by_hand():
    # standard deviations 1 and 2: ln 2
    assert spread_shift(np.array([-1.0, 1.0]), np.array([3.0, 7.0])) == pytest.approx(math.log(2))


def test_half_the_spread_counts_as_much_as_twice():
    assert spread_shift(np.array([3.0, 7.0]), np.array([-1.0, 1.0])) == pytest.approx(math.log(2))


@pytest.mark.parametrize("sides", [([5.0, 5.0], [1.0, 2.0]), ([1.0, 2.0], [5.0])])
def test_a_constant_side_has_no_spread_to_compare(sides):
    assert math.isnan(spread_shift(*(np.array(side) for side in sides)))
