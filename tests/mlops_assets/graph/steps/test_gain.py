from dataclasses import replace

import numpy as np
import pytest
from tiny_loop import NOON, train

from mlops_assets.decision.gain import ExpectedGain
from mlops_assets.decision.harm import Harm
from mlops_assets.graph.steps.gain import realised_of
from mlops_assets.graph.steps.harm import judge_harm
from mlops_assets.loss.model_report import ModelReport
from mlops_assets.loss.sketch import sketch_losses
from resources.state.drift_log import record_drift
from resources.state.retrains import change_retrain, retrain_of_version

EXPECTED = ExpectedGain(0.2, 0.15, 0.25, 1000, 5_000, 50, "labels", 0.4)


def test_what_labels_since_a_promotion_say_has_the_error_of_both_means(open_empty):
    installation = open_empty()
    train(installation, "a" * 64, 1)
    losses = sketch_losses(np.repeat([1, 0], [300, 700]), 1.0).to_dict()
    said = {"status": "no_drift", "model_status": "no_drift", "worst_column": None, "sentence": "", "at": NOON}
    with installation.state.write() as connection:
        change_retrain(connection, retrain_of_version(connection, "tiny", 1).id, expected=EXPECTED.to_dict())
        record_drift(connection, use_case="tiny", key="a", champion_version=1, losses=losses, **said)
        found = realised_of(connection, retrain_of_version(connection, "tiny", 1))
    # of the expectation 0.05, of the mean since 1.96 sqrt(0.3 * 0.7 / 1000) = 0.0284; together 0.0575
    assert (found.a_row, found.labels) == (pytest.approx(0.1), 1000)
    assert (found.low, found.high) == (pytest.approx(0.0425, abs=1e-4), pytest.approx(0.1575, abs=1e-4))


def test_losses_of_two_units_have_no_difference(open_empty):
    installation = open_empty()
    train(installation, "a" * 64, 1)
    losses = sketch_losses(np.repeat([1, 0], [300, 700]), 1.0)
    said = {"status": "no_drift", "model_status": "no_drift", "worst_column": None, "sentence": "", "at": NOON}
    expected = replace(EXPECTED, unit="squared up to 5").to_dict()
    harm = Harm("unknown", False, "", unit="zero_one up to 1").to_dict()
    with installation.state.write() as connection:
        change_retrain(connection, retrain_of_version(connection, "tiny", 1).id, expected=expected)
        record_drift(
            connection, use_case="tiny", key="a", champion_version=1, losses=losses.to_dict(), harm=harm, **said
        )
        assert realised_of(connection, retrain_of_version(connection, "tiny", 1)) is None
    report = ModelReport("no_drift", losses=losses, note="too few rows")
    owed = judge_harm(installation, installation.use_cases["tiny"], 1, "b", report, 0, "squared up to 5")
    assert (owed.source, owed.unit) == ("labels", "squared up to 5")  # what the last retrain still owes
    other = judge_harm(installation, installation.use_cases["tiny"], 1, "b", report, 0, "zero_one up to 1")
    assert (other.source, other.unit) == ("unknown", "zero_one up to 1")
