import math

import numpy as np
import pytest

from mlops_assets.decision.rates import rate_mismatch

RUNS, BLOCKS, ROWS = 400, 50, 40


def streams(rate_a, rate_b, seed):
    """Counts of blocks of two groups, shape (runs, blocks), the rate of both moving from block to block."""
    rng = np.random.default_rng(seed)
    drift = rng.uniform(0.6, 1.0, BLOCKS)
    return rng.binomial(ROWS, rate_a * drift, (RUNS, BLOCKS)), rng.binomial(ROWS, rate_b * drift, (RUNS, BLOCKS))


def test_the_second_block_by_hand():
    # block 1: 4 of 4 against 0 of 4, so 4.18 / 4.36 and 0.18 / 4.36 are expected, 0.5 together; block 2 the same again:
    # 8 log(4.18 / 4.36 / 0.5)
    e = 8 * math.log(4.18 / 4.36 / 0.5)
    assert rate_mismatch([4, 4], [4, 4], [0, 0], [4, 4]) == pytest.approx(math.exp(-e))
    assert rate_mismatch([4], [4], [0], [4]) == 1.0


def test_a_rate_that_moves_alike_in_both_groups_is_no_mismatch():
    a, b = streams(0.5, 0.5, seed=1)
    alarms = [rate_mismatch(x, [ROWS] * BLOCKS, y, [ROWS] * BLOCKS) < 0.05 for x, y in zip(a, b, strict=True)]
    assert np.mean(alarms) <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / RUNS)


def test_a_fifth_of_the_labels_of_one_group_lost_is_found():
    a, b = streams(0.8, 0.64, seed=2)
    found = [rate_mismatch(x, [ROWS] * BLOCKS, y, [ROWS] * BLOCKS) < 0.001 for x, y in zip(a, b, strict=True)]
    assert np.mean(found) >= 0.9


def test_nothing_to_compare_is_no_mismatch():
    assert rate_mismatch([], [], [], []) == 1.0
    assert rate_mismatch([3, 0], [3, 0], [0, 0], [0, 0]) == 1.0
