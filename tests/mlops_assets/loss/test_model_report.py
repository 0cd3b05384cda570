import json

import numpy as np
import pandas as pd
import pytest

from mlops_assets.loss.model_report import SEEN, WITHOUT_PROFILE, LossHistory, score_model
from mlops_assets.loss.profile import Answers, build_profile
from mlops_assets.spec import Column, Decision, DriftPolicy

POLICY = DriftPolicy()


def world(n, seed, error=0.2):
    """X, answers of a champion that is 80 % sure of each, and its zero-one losses."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame({"x": rng.normal(size=n)})
    return X, Answers(np.full(n, "yes"), rng.uniform(0.7, 0.9, n)), (rng.random(n) < error).astype(float)


@pytest.fixture(scope="module")
def profile():
    return build_profile(world(3000, 0)[0], *world(1000, 1), {"x": Column(kind="numeric")}, Decision(loss="zero_one"))


def score(profile, seed, *, error=0.2, labelled=500, history=LossHistory()):
    X, answers, losses = world(500, seed, error)
    known = np.arange(500) < labelled
    return score_model(profile, X, answers, known, losses[known], history, POLICY)


def test_a_batch_without_labels_has_an_estimate(profile):
    report = score(profile, 2, labelled=0)
    assert (report.status, report.loss, report.losses, report.check) == ("no_labels", None, None, None)
    assert report.estimate.low < 0.2 < report.estimate.high


def test_a_batch_with_labels_has_its_loss_and_checks_its_estimate(profile):
    report = score(profile, 3, labelled=200)
    assert (report.status, report.loss.n_current, report.losses.n, report.check.rows) == ("no_drift", 200, 200, 200)
    assert report.check.truth == pytest.approx(report.loss.mean_current)


def test_what_earlier_batches_showed_adds_up(profile):
    weak = [score(profile, seed, error=0.3, labelled=400).losses for seed in range(10, 16)]
    alone = score(profile, 16, error=0.3, labelled=400)
    after = score(profile, 16, error=0.3, labelled=400, history=LossHistory(weak))
    assert (alone.status, after.status) == ("no_drift", "drift")


def test_only_the_newest_checks_count(profile):
    missed = [score(profile, seed, error=0.5).check for seed in range(4)]
    good = [score(profile, seed).check for seed in range(20, 24)]
    assert score(profile, 30, history=LossHistory(checks=missed)).estimate.doubts
    assert not score(profile, 30, history=LossHistory(checks=[*missed, *good])).estimate.doubts


def test_every_report_is_json(profile):
    for report in (SEEN, WITHOUT_PROFILE, score(profile, 1), score(profile, 1, labelled=0)):
        assert json.loads(json.dumps(report.to_dict(), allow_nan=False))["status"] == report.status
