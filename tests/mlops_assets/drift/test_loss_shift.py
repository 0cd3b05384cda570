import math

import numpy as np
import pytest
from scipy import stats

from mlops_assets.drift.reference import build_reference
from mlops_assets.drift.score import score_drift
from mlops_assets.spec import DriftPolicy

POLICY = DriftPolicy()


@pytest.fixture(scope="module")
def reference(use_case, draw):
    return build_reference(draw(2000, 1), use_case, losses=np.repeat([0.0, 1.0], [800, 200]))


def test_the_loss_is_compared_by_welch(reference, draw):
    losses = np.repeat([0.0, 1.0], [60, 40])
    report = score_drift(reference, draw(100, 2), POLICY, losses=losses)
    expected = stats.ttest_ind(losses, np.repeat([0.0, 1.0], [800, 200]), equal_var=False, alternative="greater")
    assert report.model_status == "drift"
    assert report.loss.p_value == pytest.approx(expected.pvalue)
    assert report.loss.ratio == pytest.approx(2.0)
    assert report.status == "no_drift"


@pytest.mark.parametrize(
    ("losses", "status"),
    [
        (np.repeat([0.0, 1.0], [80, 20]), "no_drift"),
        (np.zeros(100), "no_drift"),
        (np.repeat([0.0, 1.0], [77, 23]), "no_drift"),  # a ratio of 1.15 that chance explains
        (np.repeat([0.0, 1.0], [78_500, 21_500]), "no_drift"),  # beyond chance, but a ratio of 1.075
        (np.ones(49), "too_small"),
        (np.array([]), "no_labels"),
    ],
)
def test_the_model_drifts_only_when_it_errs_clearly_more(reference, draw, losses, status):
    assert score_drift(reference, draw(60, 2), POLICY, losses=losses).model_status == status


def test_a_champion_without_errors_at_training_has_no_ratio(use_case, draw):
    reference = build_reference(draw(100, 1), use_case, losses=np.zeros(100))
    erring = score_drift(reference, draw(60, 2), POLICY, losses=np.ones(60))
    assert (erring.model_status, erring.loss.ratio) == ("drift", math.inf)
    assert erring.to_dict()["loss"]["ratio"] is None
    assert score_drift(reference, draw(60, 2), POLICY, losses=np.zeros(60)).model_status == "no_drift"
