from dataclasses import replace

import numpy as np
import pytest

from mlops_assets.decision.follow_up import follow_up, repaid
from mlops_assets.decision.gain import ExpectedGain
from mlops_assets.loss.sketch import sketch_losses
from mlops_assets.spec import RetrainPolicy

POLICY = RetrainPolicy(when="harm", cost=50, horizon_rows=5_000)  # 0.01 a row
EXPECTED = ExpectedGain(0.2, 0.15, 0.25, 1000, 5_000, 50, "labels", 0.4)  # from 0.4 back to 0.2


def since(errors: int, rows: int = 1000):
    return sketch_losses(np.repeat([1, 0], [errors, rows - errors]), 1.0)


def test_what_was_saved_and_what_is_owed_add_up_to_what_was_expected():
    now = repaid(EXPECTED, since(300))
    assert (now.saved, now.owed) == (pytest.approx(0.1), pytest.approx(0.1))
    # of the expectation 0.05 / 1.96 = 0.02551, of the mean since sqrt(0.3 * 0.7 / 1000) = 0.01449
    assert now.saved_error == pytest.approx(0.02934, abs=1e-5)
    assert now.owed_error == pytest.approx(0.01449, abs=1e-5)


def test_a_retrain_that_paid_and_owes_is_followed_by_another():
    harm = follow_up(EXPECTED, since(300), 1, POLICY)
    assert (harm.source, harm.proven) == ("labels", True)
    assert (harm.excess, harm.mean) == (pytest.approx(0.1), pytest.approx(0.3))
    assert harm.reason == "of 0.2 to win back the last retrain won 0.1, by 1,000 labels"


@pytest.mark.parametrize("errors", [400, 395, 360])
def test_a_retrain_that_saved_nothing_is_not_tried_again(errors):
    """Nothing; less than it cost; more, but 0.04 is within 1.96 errors of 0.03."""
    assert follow_up(EXPECTED, since(errors), 1, POLICY) is None


def test_a_retrain_that_won_all_back_owes_nothing():
    assert follow_up(EXPECTED, since(200), 1, POLICY) is None
    assert follow_up(EXPECTED, since(215), 1, POLICY) is None  # within its error


def test_more_looks_need_more_proof():
    assert follow_up(EXPECTED, since(230), 1, POLICY) is not None  # 2.25 errors
    assert follow_up(EXPECTED, since(230), 10, POLICY) is None


GROWN = replace(EXPECTED, rows=1000)


def test_twice_as_many_rows_of_the_new_kind_need_no_more_proof():
    harm = follow_up(GROWN, since(360), 10, POLICY)  # saved 0.04, owes 0.16: 800 over 5,000 rows
    assert (harm.excess, harm.rows) == (pytest.approx(0.16), 2000)
    assert follow_up(GROWN, since(360, 999), 10, POLICY) is None
    assert follow_up(replace(GROWN, rows=None), since(360), 10, POLICY) is None


@pytest.mark.parametrize("errors", [400, 210])
def test_a_doubling_is_no_reason_where_nothing_was_saved_or_too_little_is_owed(errors):
    """0.4 as before; 0.21 owes 0.01 a row, which is what a retrain costs."""
    assert follow_up(GROWN, since(errors), 10, POLICY) is None
