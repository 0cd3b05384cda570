import numpy as np
import pytest
from scipy import stats

from mlops_assets.decision import ratio
from mlops_assets.decision.ratio import Phase, phases_mismatch, ratio_mismatch


def test_by_hand_with_a_flat_prior(monkeypatch):
    # Beta(1, 1) against a half: any count of 3 + 0 has chance 1/4 under the prior's mixture, 1/8 under the half
    monkeypatch.setattr(ratio, "CONCENTRATION", 2.0)
    assert ratio_mismatch(3, 0, 0.5) == pytest.approx((1 / 8) / (1 / 4))


def test_the_split_as_it_should_be_says_nothing():
    assert ratio_mismatch(7_000, 3_000, 0.3) == 1.0
    assert ratio_mismatch(0, 0, 0.3) == 1.0


def test_a_clear_mismatch_is_one():
    assert ratio_mismatch(5_000, 4_000, 0.5) < 1e-12


def test_a_mismatch_once_seen_stays():
    looks = np.array([500, 5_000, 50_000]), np.array([700, 5_000, 50_000])
    assert ratio_mismatch(*looks, 0.5) == pytest.approx(ratio_mismatch(500, 700, 0.5))
    assert ratio_mismatch(*looks, 0.5) < ratio_mismatch(50_000, 50_000, 0.5)


def test_it_asks_for_more_than_a_test_at_one_look():
    assert ratio_mismatch(5_150, 4_850, 0.5) > stats.binomtest(4_850, 10_000, 0.5).pvalue


@pytest.mark.parametrize(
    ("a", "b", "split", "p_value"), [(9, 0, 0.0, 1.0), (9, 1, 0.0, 0.0), (0, 9, 1.0, 1.0), (1, 9, 1.0, 0.0)]
)
def test_an_arm_that_should_have_no_traffic(a, b, split, p_value):
    assert ratio_mismatch(a, b, split) == p_value


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match=r"split_b .* is not between 0 and 1"):
        ratio_mismatch(1, 1, 1.2)
    with pytest.raises(ValueError, match="a count of units is negative"):
        ratio_mismatch(-1, 1, 0.5)


def test_phases_are_judged_together_by_the_one_that_fits_worst():
    good, bad = Phase(1, 7_000, 3_000, 0.3), Phase(2, 5_300, 4_700, 0.5)
    assert phases_mismatch([good, bad, good]) == (pytest.approx(3 * ratio_mismatch(5_300, 4_700, 0.5)), bad)
    assert phases_mismatch([good, good]) == (1.0, good)
    assert phases_mismatch([]) == (1.0, None)
