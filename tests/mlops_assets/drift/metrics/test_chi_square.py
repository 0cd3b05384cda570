import numpy as np
import pytest
from scipy import stats

from mlops_assets.drift.metrics.chi_square import chi_square, chi_square_p_value


def test_two_by_two_by_hand():
    # all expected counts are 10; (15 - 10)^2 / 10 four times = 10
    assert chi_square(np.array([15.0, 5.0]), np.array([5.0, 15.0])) == pytest.approx(10.0)


@pytest.mark.parametrize("seed", range(5))
def test_statistic_and_p_value_equal_scipy_where_no_cell_is_rare(seed):
    rng = np.random.default_rng(seed)
    table = np.stack([rng.multinomial(400, [0.4, 0.3, 0.2, 0.1]), rng.multinomial(150, [0.3, 0.3, 0.2, 0.2])])
    expected = stats.chi2_contingency(table, correction=False)
    first, second = table.astype(float)
    assert chi_square(first, second) == pytest.approx(expected.statistic)
    assert chi_square_p_value(first, second) == pytest.approx(expected.pvalue)


def test_rare_cells_are_pooled():
    # 12 cells with 2 expected each make one pool with 24: two cells are left
    first, second = np.array([476.0, *np.full(12, 2.0)]), np.array([470.0, *np.full(12, 2.5)])
    pooled = stats.chi2_contingency([[476, 24], [470, 30]], correction=False)
    assert chi_square_p_value(first, second) == pytest.approx(pooled.pvalue)


def test_one_unseen_row_is_no_proof():
    # plain chi-square: 100.0, p = 1e-23; the exact chance that the one such row is among 100 of 10,100 is 0.0099
    first, second = np.array([5000.0, 5000.0, 0.0]), np.array([50.0, 49.0, 1.0])
    assert chi_square(first, second) == pytest.approx(100.0, abs=0.1)
    assert 0.01 < chi_square_p_value(first, second) < 0.05


def test_many_unseen_rows_are_proof():
    assert chi_square_p_value(np.array([5000.0, 5000.0, 0.0]), np.array([45.0, 45.0, 10.0])) < 1e-6


def test_a_batch_of_unseen_values_only_is_proof():
    assert chi_square_p_value(np.array([10000.0, 0.0]), np.array([0.0, 100.0])) < 1e-6


def test_one_category_on_both_sides_says_nothing():
    assert chi_square_p_value(np.array([50.0, 0.0]), np.array([20.0, 0.0])) == 1.0


def test_rare_categories_do_not_break_the_promised_rate():
    # 1 % alarms promised over 4,000 pairs with many rare categories; 3 standard errors of leave
    rng = np.random.default_rng(5)
    shares = np.array([0.5, 0.3, 0.17, *np.full(30, 0.001)])
    counts = rng.multinomial(3000, shares, size=4000), rng.multinomial(80, shares, size=4000)
    alarms = np.mean(
        [chi_square_p_value(*pair) <= 0.01 for pair in zip(*(c.astype(float) for c in counts), strict=True)]
    )
    assert alarms <= 0.01 + 3 * np.sqrt(0.01 * 0.99 / 4000)
