"""Two of the forty shifts of bench.evidence: one that does no harm, one that does."""

import pytest

from bench.evidence.harm import compare, is_right
from bench.evidence.shifts import Shift, idle_moves, the_sign_turns

pytestmark = pytest.mark.slow


def test_a_column_that_does_not_matter_is_drift_but_no_harm():
    shift = Shift(idle_moves, False, "classification", False, 0)
    on_harm, on_any = compare(shift)
    assert is_right(shift, on_harm)
    assert len(on_any.retrains) >= 3  # what the policy is for
    assert on_harm.loss <= 1.05 * on_any.loss


def test_another_concept_is_harm_from_its_first_batch_on():
    shift = Shift(the_sign_turns, True, "regression", False, 1001)
    on_harm, _ = compare(shift)
    assert is_right(shift, on_harm)
    assert on_harm.retrains[0] == 4
