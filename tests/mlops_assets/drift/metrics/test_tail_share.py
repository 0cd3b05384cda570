import numpy as np
import pytest

from mlops_assets.drift.metrics.tail_share import tail_share


def test_a_tail_that_doubled_by_hand():
    # 0..99: 95 % are at most 94, 5 % beyond; ten of the hundred current values are beyond: 0.10 - 0.05
    reference = np.arange(100.0)
    current = np.sort(np.concatenate([np.arange(90.0), np.full(10, 97.0)]))
    assert tail_share(reference, current) == pytest.approx(0.05)


def test_the_lower_tail_counts_as_well():
    # 4 is the smallest value with 5 % at or below it: 4 of 100 lie below, all of the current
    assert tail_share(np.arange(100.0), np.array([-1.0])) == pytest.approx(1 - 0.04)


def test_a_constant_reference_tells_other_values():
    assert tail_share(np.full(10, 5.0), np.array([4.0, 5.0])) == pytest.approx(0.5)
