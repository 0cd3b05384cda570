import math

import numpy as np
import pytest
from scipy import stats

from mlops_assets.drift.standard import chi_square_z, counts_z, digits, mean_z, share_z


def test_means_are_compared_by_their_standard_error():
    # (2 - 0.5) / sqrt(1/4 + 1/4)
    assert mean_z(np.array(8.0), np.array(4.0), np.array(2.0), np.array(4.0)) == pytest.approx(1.5 * math.sqrt(2))
    assert mean_z(np.array(8.0), np.array(0.0), np.array(2.0), np.array(4.0)) == 0


@pytest.mark.parametrize(("hits", "n", "hits_b", "n_b"), [(30, 100, 40, 300), (5, 100, 40, 300), (12, 20, 3, 40)])
def test_shares_are_compared_by_the_likelihood_ratio_of_scipy(hits, n, hits_b, n_b):
    table = [[hits, n - hits], [hits_b, n_b - hits_b]]
    expected = stats.chi2_contingency(table, correction=True, lambda_="log-likelihood").statistic
    z = share_z(*(np.array(float(value)) for value in (hits, n, hits_b, n_b)))
    assert z == pytest.approx(math.copysign(math.sqrt(expected), hits / n - hits_b / n_b))


def test_few_hits_keep_near_their_exact_tail():
    # all of 4 hits among 200 of 4,200 rows: (200/4200)^4 = 5.1e-6, 4.41 on the normal scale
    z = share_z(np.array(4.0), np.array(200.0), np.array(0.0), np.array(4000.0))
    assert 4.2 < z < 4.41


def test_a_share_of_an_empty_side_says_nothing():
    assert share_z(np.array(0.0), np.array(0.0), np.array(3.0), np.array(10.0)) == 0
    assert share_z(np.array(3.0), np.array(10.0), np.array(0.0), np.array(0.0)) == 0


def test_counts_are_compared_by_the_likelihood_ratio_of_scipy():
    table = np.array([[30.0, 20.0, 10.0, 0.0], [200.0, 250.0, 90.0, 0.0]])
    expected = stats.chi2_contingency(table[:, :3], correction=False, lambda_="log-likelihood")
    z = counts_z(table[0], table[1])
    assert z == pytest.approx(chi_square_z(np.array(expected.statistic), np.array(2.0)))
    assert stats.norm.sf(z) == pytest.approx(expected.pvalue, rel=0.05)


@pytest.mark.parametrize("freedom", [3, 17, 60])
def test_a_chi_square_is_nearly_normal_after_its_cube_root(freedom):
    for tail in (0.5, 0.01, 1e-5):
        z = chi_square_z(np.array(stats.chi2.isf(tail, freedom)), np.array(float(freedom)))
        assert math.log10(stats.norm.sf(z)) == pytest.approx(math.log10(tail), abs=0.3)


def test_digits_count_the_zeros_of_a_tail():
    assert digits(np.array([stats.norm.isf(1e-3), stats.norm.isf(1e-9)])) == pytest.approx([3, 9])
    assert np.isfinite(digits(np.array(1e4)))
