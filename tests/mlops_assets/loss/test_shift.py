import json
import math

import numpy as np
import pytest
from scipy import stats

from mlops_assets.loss.shift import excess_over, score_losses
from mlops_assets.loss.sketch import sketch_losses
from mlops_assets.spec import DriftPolicy

POLICY = DriftPolicy()


def losses(right: int, wrong: int):
    return sketch_losses(np.repeat([0, 1], [right, wrong]), 1.0)


REFERENCE = losses(1600, 400)  # a fifth


@pytest.mark.parametrize(
    ("batch", "drifted"),
    [
        (losses(80, 20), False),
        (losses(100, 0), False),
        (losses(77, 23), False),  # a ratio of 1.15 that chance explains
        (losses(300, 200), True),
        (losses(15_700, 4_300), False),  # ratio 1.075
        (losses(1, 0), False),
    ],
)
def test_the_model_drifts_only_when_it_errs_clearly_more(batch, drifted):
    assert score_losses(REFERENCE, [batch], POLICY, two_points=True).drifted is drifted


def test_a_hair_is_no_drift_however_certain_it_is():
    reference = losses(160_000, 40_000)
    shift = score_losses(reference, [losses(15_600, 4_400)] * 10, POLICY, two_points=True)
    assert shift.p_value < 1e-6
    assert shift.ratio_since == pytest.approx(1.1, abs=1e-9)
    fine = score_losses(reference, [losses(15_700, 4_300)] * 10, POLICY, two_points=True)
    assert fine.p_value < 1e-6
    assert not fine.drifted


def test_a_rise_is_measured_over_the_batches_since_it_began():
    calm, worse = losses(400, 100), losses(350, 150)
    shift = score_losses(REFERENCE, [calm] * 6 + [worse] * 3, POLICY, two_points=True)
    assert (shift.since, shift.n_current, shift.drifted) == (3, 500, True)
    assert (shift.changed.estimate, shift.changed.rows) == (pytest.approx(0.1), 1500)
    assert (shift.mean_current, shift.ratio) == (pytest.approx(0.3), pytest.approx(1.5))


def test_the_excess_has_the_interval_of_welch():
    batch = losses(300, 100)
    found = excess_over(REFERENCE, batch)
    welch = stats.ttest_ind(np.repeat([0, 1], [300, 100]), np.repeat([0, 1], [1600, 400]), equal_var=False)
    low, high = welch.confidence_interval(0.95)
    assert (found.estimate, found.rows) == (pytest.approx(0.05), 400)
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-3), pytest.approx(high, abs=1e-3))


def test_a_side_without_errors_is_not_without_doubt():
    found = excess_over(losses(50, 0), losses(50, 0))
    assert found.low < 0 or found.high >= 0
    assert excess_over(losses(50, 0), losses(49, 1)).low < 0


def test_a_champion_without_errors_at_training_has_no_ratio():
    erring = score_losses(losses(200, 0), [losses(0, 60)], POLICY, two_points=True)
    assert (erring.drifted, erring.ratio) == (True, math.inf)
    assert json.loads(json.dumps(erring.to_dict(), allow_nan=False))["ratio"] is None
    assert not score_losses(losses(100, 0), [losses(60, 0)], POLICY, two_points=True).drifted
