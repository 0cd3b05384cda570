import pytest

from mlops_assets.drift.budget import HALF_LIFE, alpha_of, spent, split


def test_the_first_batch_by_hand():
    # 0.05 * 26 / (26 * 27)
    assert alpha_of(1, 0.05) == pytest.approx(0.05 / 27)


def test_all_batches_together_take_what_is_granted_and_no_more():
    taken = sum(alpha_of(number, 0.05) for number in range(1, 100_001))
    assert taken == pytest.approx(spent(100_000, 0.05))
    assert 0.0499 < taken < 0.05


def test_half_of_it_is_spent_after_the_half_life():
    assert spent(HALF_LIFE, 0.05) == pytest.approx(0.025)


def test_later_batches_take_less():
    assert alpha_of(1, 0.05) > alpha_of(2, 0.05) > alpha_of(52, 0.05) > alpha_of(1, 0.05) / 10


def test_both_parts_make_the_whole():
    assert sum(split(0.05)) == pytest.approx(0.05)
