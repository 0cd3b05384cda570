import numpy as np
import pytest
from scipy import stats

from mlops_assets.drift.metrics.chi_square import chi_square


def test_two_by_two_by_hand():
    # all expected counts are 10; (15 - 10)^2 / 10 four times = 10
    assert chi_square(np.array([15.0, 5.0]), np.array([5.0, 15.0])) == pytest.approx(10.0)


@pytest.mark.parametrize("seed", range(5))
def test_the_statistic_equals_scipy(seed):
    rng = np.random.default_rng(seed)
    table = np.stack([rng.multinomial(400, [0.4, 0.3, 0.2, 0.1]), rng.multinomial(150, [0.3, 0.3, 0.2, 0.2])])
    expected = stats.chi2_contingency(table, correction=False)
    first, second = table.astype(float)
    assert chi_square(first, second) == pytest.approx(expected.statistic)


def test_cells_that_are_empty_on_both_sides_say_nothing():
    # (8 - 6)^2 / 6 * 2 + (4 - 6)^2 / 6 * 2 = 8 / 3
    assert chi_square(np.array([8.0, 0.0, 4.0]), np.array([4.0, 0.0, 8.0])) == pytest.approx(8 / 3)
