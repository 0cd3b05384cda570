"""The simulations of bench.evidence judge as the package does."""

import numpy as np
import pytest

from bench.evidence.population import SHIFTS, draw, draw_latent, shaped, use_case
from bench.evidence.watch import POLICY, first_alarm, glance
from mlops_assets.drift.history import History, Seen
from mlops_assets.drift.reference import build_reference
from mlops_assets.drift.score import score_drift


@pytest.fixture(scope="module")
def reference():
    return build_reference(draw(np.random.default_rng(0), 1000), use_case(), draws=300)


@pytest.mark.parametrize("name", [None, *SHIFTS])
def test_a_glance_finds_the_largest_score_of_the_report(reference, name):
    rng = np.random.default_rng(1)
    latent = draw_latent(rng, 200)
    frame = shaped(latent, rng) if name is None else SHIFTS[name][0](shaped(latent, rng), latent, rng)
    found, report = glance(reference, frame), score_drift(reference, frame, POLICY)
    assert (found.score > report.columns[0].limit) == bool(report.drifted)
    assert found.seen == Seen(report.shifts)


def test_the_first_alarm_is_that_of_reports_one_after_the_other(reference):
    rng = np.random.default_rng(2)
    batches = [draw(rng, 200), draw(rng, 200).assign(normal_a=1.0), draw(rng, 200)]
    history, statuses = History(), []
    for frame in batches:
        report = score_drift(reference, frame, POLICY, history=history)
        statuses.append(report.status)
        history = History(history.scored + 1, 0, (*history.recent, Seen(report.shifts)))
    assert statuses[:2] == ["no_drift", "drift"]
    number, kind = first_alarm(reference, batches)
    assert (number, kind in ("spread", "shape")) == (2, True)
