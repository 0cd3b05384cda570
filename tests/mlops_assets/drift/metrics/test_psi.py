import math

import numpy as np
import pytest

from mlops_assets.drift.metrics.psi import numeric_psi, psi


def test_two_cells_by_hand():
    # smoothed shares of (3, 1): 3.5/5, 1.5/5; of (1, 3): 1.5/5, 3.5/5
    # (0.3 - 0.7) ln(0.3 / 0.7) + (0.7 - 0.3) ln(0.7 / 0.3) = 0.8 ln(7 / 3)
    assert psi(np.array([3.0, 1.0]), np.array([1.0, 3.0])) == pytest.approx(0.8 * math.log(7 / 3))


def test_an_empty_cell_counts_half_a_row():
    # (9, 0) -> 9.5/10, 0.5/10; (4, 5) -> 4.5/10, 5.5/10
    by_hand = (0.45 - 0.95) * math.log(0.45 / 0.95) + (0.55 - 0.05) * math.log(0.55 / 0.05)
    assert psi(np.array([9.0, 0.0]), np.array([4.0, 5.0])) == pytest.approx(by_hand)


def test_a_cell_empty_on_both_sides_does_not_count():
    assert psi(np.array([3.0, 0.0, 1.0]), np.array([1.0, 0.0, 3.0])) == psi(np.array([3.0, 1.0]), np.array([1.0, 3.0]))


def test_numbers_fall_into_the_deciles_of_the_reference():
    # 1..10: one value a decile, ten bins; ten current values all in the first: (1, ..., 1) against (10, 0, ..., 0)
    reference, current = np.arange(1.0, 11.0), np.full(10, 0.5)
    # the smallest value fills the first bin alone, so an eleventh bin stands below it
    assert numeric_psi(reference, current) == pytest.approx(
        psi(np.array([0.0, *np.ones(10)]), np.array([10.0] + [0.0] * 10))
    )
