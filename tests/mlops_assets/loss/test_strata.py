import math

import numpy as np
import pytest

from mlops_assets.loss.strata import build_strata, expected_loss


def two_strata():
    """80 held-out rows: of 40 with risk 0.1 four err, of 40 with risk 0.4 sixteen."""
    risk = np.repeat([0.1, 0.4], 40)
    losses = np.concatenate([np.repeat([1.0, 0.0], [4, 36]), np.repeat([1.0, 0.0], [16, 24])])
    return build_strata(risk, losses)


def test_strata_bring_what_their_rows_lost():
    strata = two_strata()
    assert strata.shares.tolist() == [0.5, 0.5]
    assert strata.losses.tolist() == pytest.approx([0.1, 0.4])


def test_the_same_mixture_is_expected_to_lose_the_same_and_other_ones_their_share():
    same = expected_loss(two_strata(), np.repeat([0.1, 0.4], 100))
    assert (same.mean, same.excess) == (pytest.approx(0.25), pytest.approx(0))
    # three quarters of risk 0.4: 0.25 * 0.1 + 0.75 * 0.4 = 0.325
    riskier = expected_loss(two_strata(), np.repeat([0.1, 0.4], [50, 150]))
    assert (riskier.mean, riskier.excess) == (pytest.approx(0.325), pytest.approx(0.075))


def test_the_error_counts_both_sides():
    strata = two_strata()
    # a stratum's squared error: (its variance, the gap to all and the variance of all once more) / (n + 1) / n
    #   low: (40 * 0.09 + 0.15**2 + 0.1875) / 41 / 40 = 0.00232317; high: (40 * 0.24 + 0.15**2 + 0.1875) / 41 / 40
    low, high = (3.6 + 0.0225 + 0.1875) / 41 / 40, (9.6 + 0.0225 + 0.1875) / 41 / 40
    assert strata.errors.tolist() == pytest.approx([low, high])
    riskier = expected_loss(strata, np.repeat([0.1, 0.4], [50, 150]))
    # shares moved by 0.25 either way; the batch's own mixture: 0.25 * 0.75 * 0.3**2 / 200
    assert riskier.excess_error == pytest.approx(math.sqrt((low + high) / 16 + 0.25 * 0.75 * 0.09 / 200))


def test_more_risk_never_means_less_loss():
    rng = np.random.default_rng(0)
    losses = (rng.random(800) < 0.2).astype(float)
    strata = build_strata(rng.random(800), losses)
    assert (np.diff(strata.losses) >= -1e-12).all()
    assert len(strata.losses) == 20
    assert strata.shares @ strata.losses == pytest.approx(losses.mean())


def test_few_or_equal_rows_are_one_stratum():
    for risk in (np.random.default_rng(0).random(30), np.full(400, 0.2)):
        strata = build_strata(risk, np.ones(len(risk)))
        assert (len(strata.edges), strata.losses.tolist()) == (0, [1.0])


def test_a_stratum_without_errors_is_not_without_doubt():
    strata = build_strata(np.repeat([0.1, 0.4], 40), np.repeat([0.0, 1.0], [60, 20]))
    assert strata.errors.min() > 0


def test_risks_that_tie_leave_no_stratum_empty():
    risk = np.repeat([0.0, 0.1, 1.0], [150, 3, 47])
    strata = build_strata(risk, np.zeros(200))
    assert strata.shares.min() > 0
