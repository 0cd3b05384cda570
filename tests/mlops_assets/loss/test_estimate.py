import json

import numpy as np
import pandas as pd
import pytest

from mlops_assets.loss.estimate import Check, check_estimate, estimate_loss
from mlops_assets.loss.profile import Answers, build_profile
from mlops_assets.spec import Column, Decision

COLUMNS = {"x": Column(kind="numeric"), "c": Column(kind="category")}
MINUTES = Decision(loss="absolute", loss_max=60)


def world(n, seed, shift=0.0, city=("a", "b")):
    """X, a champion's answers and its losses: it answers 20 x, and errs the more the larger x is."""
    rng = np.random.default_rng(seed)
    x = rng.normal(shift, 1, n)
    losses = np.minimum(rng.exponential(np.exp(0.5 * x) * 5), 60)
    return pd.DataFrame({"x": x, "c": rng.choice(list(city), n)}), Answers(20 * x), losses


@pytest.fixture(scope="module")
def profile():
    X, _, _ = world(4000, 0)
    return build_profile(X, *world(1000, 1), COLUMNS, MINUTES)


def test_a_calm_batch_is_expected_to_lose_what_held_out_rows_lost(profile):
    X, answers, losses = world(2000, 2)
    found = estimate_loss(profile, X, answers)
    assert found.doubts == ()
    assert found.low < losses.mean() < found.high
    assert found.excess_low < 0 < found.excess_high


def test_a_batch_from_where_it_errs_more_is_expected_to_lose_more(profile):
    X, answers, losses = world(2000, 3, shift=0.7)
    found = estimate_loss(profile, X, answers)
    assert found.doubts == ()
    assert found.excess_low > 0
    assert found.low < losses.mean() < found.high


def test_the_interval_widens_as_the_batch_leaves_the_bulk(profile):
    widths, worths = [], []
    for shift in (0.0, 1.0, 1.6):
        X, answers, _ = world(2000, 4, shift=shift)
        found = estimate_loss(profile, X, answers)
        widths.append(found.high - found.low)
        worths.append(found.worth)
    assert widths[0] < widths[1] < widths[2]
    assert worths[0] > 900 > worths[1] > worths[2]


def test_rows_beyond_all_that_training_had_are_doubted(profile):
    X, answers, _ = world(500, 5, shift=4.0)
    (doubt, *_) = estimate_loss(profile, X, answers).doubts
    assert doubt.endswith("of the rows have values beyond all that training had, most of all in x")
    X, answers, _ = world(500, 5, city=("a", "b", "new"))
    assert "most of all in c" in estimate_loss(profile, X, answers).doubts[0]


def test_a_batch_that_few_held_out_rows_look_like_is_doubted(profile):
    X, answers, _ = world(500, 6)
    rare = pd.DataFrame({"x": np.full(500, 2.9), "c": X["c"]})
    few = build_profile(world(400, 0)[0], *world(200, 1), COLUMNS, MINUTES)
    assert "held-out rows look like this batch" in estimate_loss(few, rare, answers).doubts[-1]


def test_estimates_that_missed_the_truth_are_doubted(profile):
    """The concept moved: all losses are half as large again, and no row looks different."""
    checks = []
    for seed in (7, 8):
        X, answers, losses = world(500, seed)
        checks.append(check_estimate(profile, X, answers, 1.5 * losses))
    X, answers, _ = world(500, 9)
    assert estimate_loss(profile, X, answers, checks).doubts[0].startswith("the last estimates missed the truth by +")
    good = [check_estimate(profile, *world(500, seed)) for seed in (7, 8)]
    assert estimate_loss(profile, X, answers, good).doubts == ()


def test_a_miss_that_does_not_count_is_no_doubt(profile):
    X, answers, _ = world(500, 9)
    held_out = profile.held_out.mean
    certain = Check(100_000, held_out, 0.001, 1.05 * held_out, 0.001)
    assert estimate_loss(profile, X, answers, [certain], ratio_min=1.1).doubts == ()
    assert estimate_loss(profile, X, answers, [certain], ratio_min=1.01).doubts != ()


def test_the_intervals_hold_as_often_as_they_say():
    """100 pairs of a hold-out and a shifted batch; 5 misses are expected, 12 are beyond three standard errors."""
    missed = 0
    for seed in range(100):
        profile = build_profile(world(1500, seed)[0], *world(600, 1000 + seed), COLUMNS, MINUTES)
        X, answers, _ = world(400, 2000 + seed, shift=0.4)
        truth = np.minimum(
            5 * np.exp(0.5 * X["x"]), 60
        ).mean()  # the mean of an exponential; the clip takes next to nothing
        found = estimate_loss(profile, X, answers)
        missed += not found.low <= truth <= found.high
    assert missed <= 12


def test_it_is_json(profile):
    X, answers, _ = world(50, 1)
    json.dumps(estimate_loss(profile, X, answers).to_dict(), allow_nan=False)
