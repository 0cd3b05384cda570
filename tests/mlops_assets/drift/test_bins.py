import numpy as np
import pytest

from mlops_assets.drift.bins import bin_counts, paired_counts, quantile_edges, quantiles


def test_bins_hold_equal_shares_of_the_reference():
    reference = np.arange(1.0, 101.0)
    assert bin_counts(reference, quantile_edges(reference)) == pytest.approx(np.full(10, 10.0))


def test_repeated_values_make_fewer_bins():
    # 70 % zeros: every decile up to the seventh is 0
    reference = np.array([0.0] * 70 + list(range(1, 31)))
    edges = quantile_edges(reference)
    assert edges[1:] == pytest.approx([0.0, 10.0, 20.0])
    assert bin_counts(reference, edges) == pytest.approx([0, 70, 10, 10, 10])


@pytest.mark.parametrize("value", [4.0, 6.0])
def test_a_constant_reference_tells_smaller_from_larger_values(value):
    reference, current = paired_counts(np.full(20, 5.0), np.full(10, value))
    assert reference == pytest.approx([0, 20, 0])
    assert current == pytest.approx([10, 0, 0] if value < 5 else [0, 0, 10])


@pytest.mark.parametrize("n", [1, 7, 100, 1001])
def test_quantiles_are_those_of_numpy_without_its_rounding(n):
    values, shares = np.sort(np.random.default_rng(n).normal(size=n)), np.array([0.0, 0.1, 0.25, 0.5, 0.9, 1.0])
    assert quantiles(values, shares) == pytest.approx(np.quantile(values, shares, method="inverted_cdf"))
    assert quantiles(np.arange(1.0, 101.0), np.array([0.55, 0.07])) == pytest.approx([55, 7])
