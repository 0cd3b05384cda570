import json

import numpy as np
import pandas as pd
import pytest

from mlops_assets.drift.reference import build_reference
from mlops_assets.drift.score import PREDICTION, score_drift
from mlops_assets.spec import DriftPolicy, Limit

POLICY = DriftPolicy()


@pytest.fixture(scope="module")
def reference(use_case, draw):
    return build_reference(draw(2000, 1), use_case, np.repeat([0, 1], 500))


def column(report, name):
    return next(column for column in report.columns if column.name == name)


def test_more_of_the_same_does_not_drift(reference, draw):
    report = score_drift(reference, draw(500, 2), POLICY, predictions=np.repeat([0, 1], 250))
    assert (report.status, report.drifted) == ("no_drift", ())
    assert {column.name for column in report.columns} == {*reference.columns, PREDICTION}


def test_a_shifted_column_drifts_alone_and_stands_first(reference, draw):
    batch = draw(500, 2).assign(size=lambda frame: frame["size"] + 2)
    report = score_drift(reference, batch, POLICY)
    assert report.status == "drift"
    assert report.drifted == ("size",)
    assert report.columns[0].name == "size"
    assert report.columns[0].metrics["mean_shift"] == pytest.approx(1.0, abs=0.15)
    assert any(
        reason.startswith("mean_shift") and reason.endswith("exceeds 0.5") for reason in report.columns[0].reasons
    )


def test_columns_that_did_not_drift_follow_by_their_largest_metric_over_its_limit(reference, draw):
    severities = [column.severity for column in score_drift(reference, draw(500, 2), POLICY).columns]
    assert severities == sorted(severities, reverse=True)


def test_a_significant_but_small_shift_does_not_drift(use_case):
    rng = np.random.default_rng(0)
    reference = build_reference(pd.DataFrame({"size": rng.normal(size=10_000)}), use_case)
    report = score_drift(reference, pd.DataFrame({"size": rng.normal(0.06, 1, size=200_000)}), POLICY)
    assert report.columns[0].p_adjusted < POLICY.alpha
    assert report.status == "no_drift"


def test_a_large_effect_by_chance_does_not_drift(reference, draw):
    report = score_drift(reference, draw(50, 5), POLICY)
    assert report.columns[0].severity > 1
    assert report.status == "no_drift"


def test_unseen_categories_drift(reference, draw):
    batch = draw(300, 2)
    batch.loc[:40, "colour"] = "violet"
    report = score_drift(reference, batch, POLICY)
    assert report.drifted == ("colour",)
    assert report.columns[0].metrics["unseen_share"] == pytest.approx(41 / 300)


def test_missing_values_drift(reference, draw):
    batch = draw(300, 2)
    batch.loc[:90, "size"] = np.nan
    size = column(score_drift(reference, batch, POLICY), "size")
    assert size.drifted
    assert size.reasons == ("missing_share 0.303 exceeds 0.05",)


def test_fewer_missing_values_are_no_drift(reference, draw):
    batch = draw(500, 2).assign(weight=lambda frame: frame["weight"].fillna(0.69))
    assert column(score_drift(reference, batch, POLICY), "weight").metrics["missing_share"] < -0.05
    assert "missing_share" not in str(column(score_drift(reference, batch, POLICY), "weight").reasons)


def test_longer_texts_drift(reference, draw):
    batch = draw(300, 2).assign(note=lambda frame: frame["note"] + " and many more words")
    assert set(score_drift(reference, batch, POLICY).drifted) == {"note (words)", "note (characters)"}


def test_other_answers_of_the_champion_drift(reference, draw):
    report = score_drift(reference, draw(300, 2), POLICY, predictions=np.repeat([0, 1], [290, 10]))
    assert report.drifted == (PREDICTION,)


def test_too_few_rows_are_too_small_to_say(reference, draw):
    report = score_drift(reference, draw(49, 2).assign(size=1e9), POLICY)
    assert (report.status, report.columns, report.rows) == ("too_small", (), 49)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"size": np.nan}, "undetermined: the batch has no value here"),
        ({"size": np.inf}, "undetermined: the batch has no value here"),
    ],
)
def test_a_column_without_values_cannot_be_compared_but_its_missing_share_can(reference, draw, change, reason):
    size = column(score_drift(reference, draw(100, 2).assign(**change), POLICY), "size")
    assert reason in size.reasons
    assert set(size.metrics) == {"missing_share"}
    assert size.drifted


def test_a_column_missing_on_both_sides_is_undetermined(use_case, draw):
    reference = build_reference(draw(200, 1).assign(size=np.nan, colour=None), use_case)
    report = score_drift(reference, draw(100, 2).assign(size=np.nan, colour=None), POLICY)
    for name in ("size", "colour"):
        assert column(report, name).reasons == ("undetermined: the reference has no value here",)
        assert column(report, name).undetermined
        assert not column(report, name).drifted


def test_a_column_that_the_batch_lacks_is_undetermined(reference, draw):
    label = column(score_drift(reference, draw(100, 2).drop(columns="label"), POLICY), "label")
    assert (label.p_value, label.p_adjusted, label.metrics, label.drifted) == (None, None, {}, False)
    assert label.reasons == ("undetermined: the batch lacks this column",)
    assert label.to_dict()["undetermined"] is True


def test_a_constant_reference_has_no_standard_deviations_but_still_a_verdict(use_case, draw):
    reference = build_reference(draw(500, 1).assign(size=5.0), use_case)
    same = column(score_drift(reference, draw(100, 2).assign(size=5.0), POLICY), "size")
    assert (same.drifted, same.reasons) == (False, ("undefined here: wasserstein, mean_shift",))
    other = column(score_drift(reference, draw(100, 2).assign(size=4.0), POLICY), "size")
    assert other.drifted
    assert "wasserstein" not in other.metrics


def test_an_unknown_metric_in_the_policy_is_named(reference, draw):
    policy = DriftPolicy(numeric={"pssi": Limit(value=1, origin="typing error")})
    with pytest.raises(ValueError, match="metric 'pssi' is unknown; available: jensen_shannon, ks, mean_shift"):
        score_drift(reference, draw(100, 2), policy)


def test_the_report_is_json_with_every_limit_and_its_origin(reference, draw):
    report = score_drift(reference, draw(300, 2), POLICY, np.repeat([0, 1], 150))
    values = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert values["status"] == "no_drift"
    size = next(column for column in values["columns"] if column["name"] == "size")
    assert size["limits"]["psi"] == {"value": 0.2, "origin": POLICY.numeric["psi"].origin}
