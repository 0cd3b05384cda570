import json

import numpy as np
import pandas as pd
import pytest

from mlops_assets.drift.history import History, Seen
from mlops_assets.drift.reference import build_reference
from mlops_assets.drift.score import PREDICTION, TOGETHER, score_drift
from mlops_assets.spec import DriftPolicy, Floors, Limit

POLICY = DriftPolicy()


@pytest.fixture(scope="module")
def reference(use_case, draw):
    return build_reference(draw(2000, 1), use_case, np.repeat([0, 1], 500), draws=2000)


def column(report, name):
    return next(column for column in report.columns if column.name == name)


def test_more_of_the_same_does_not_drift(reference, draw):
    report = score_drift(reference, draw(500, 2), POLICY, predictions=np.repeat([0, 1], 250))
    assert (report.status, report.drifted) == ("no_drift", ())
    assert {column.name for column in report.columns} == {*reference.columns, PREDICTION, TOGETHER}


def test_a_shifted_column_drifts_alone_and_stands_first(reference, draw):
    batch = draw(500, 2).assign(size=lambda frame: frame["size"] + 2)
    report = score_drift(reference, batch, POLICY)
    assert report.status == "drift"
    assert report.drifted[0] == "size"
    assert set(report.drifted) <= {"size", TOGETHER}
    assert report.columns[0].metrics["mean_shift"] == pytest.approx(1.0, abs=0.15)
    assert any(reason.startswith("mean moved by +0.9") for reason in report.columns[0].reasons)


def test_columns_that_did_not_drift_follow_by_their_score_and_all_together_last(reference, draw):
    columns = score_drift(reference, draw(500, 2), POLICY).columns
    scores = [column.score for column in columns[:-1]]
    assert scores == sorted(scores, reverse=True)
    assert columns[-1].name == TOGETHER


def test_a_certain_but_small_shift_does_not_drift(use_case):
    rng = np.random.default_rng(0)
    reference = build_reference(pd.DataFrame({"size": rng.normal(size=10_000)}), use_case, draws=1000)
    report = score_drift(reference, pd.DataFrame({"size": rng.normal(0.08, 1, size=200_000)}), POLICY)
    assert report.columns[0].score > report.columns[0].limit
    assert report.status == "no_drift"
    hair = DriftPolicy(floors=Floors(shift=Limit(value=0.01, origin="anything at all")))
    assert score_drift(reference, pd.DataFrame({"size": rng.normal(0.08, 1, size=200_000)}), hair).drifted == ("size",)


def test_a_large_effect_by_chance_does_not_drift(reference, draw):
    report = score_drift(reference, draw(50, 5), POLICY)
    assert max(column.metrics.get("mean_shift", 0) for column in report.columns) > POLICY.floors.shift.value
    assert report.status == "no_drift"


def test_unseen_categories_drift(reference, draw):
    batch = draw(300, 2)
    batch.loc[:20, "colour"] = "violet"
    report = score_drift(reference, batch, POLICY)
    assert report.drifted[0] == "colour"
    assert report.columns[0].metrics["unseen_share"] == pytest.approx(21 / 300)
    assert report.columns[0].reasons[0].startswith("0.070 of the rows have a label that training never saw")


def test_a_label_of_another_share_drifts_and_is_named(reference, draw):
    batch = draw(300, 2).assign(colour=["red"] * 100 + ["blue"] * 200)
    colour = column(score_drift(reference, batch, POLICY), "colour")
    assert colour.reasons[0].startswith("share of blue changed by +0.4")


def test_missing_values_drift(reference, draw):
    batch = draw(300, 2)
    batch.loc[:20, "size"] = np.nan
    size = column(score_drift(reference, batch, POLICY), "size")
    assert size.drifted
    assert size.reasons[0].startswith("missing share rose by 0.070")


def test_fewer_missing_values_are_no_drift(reference, draw):
    batch = draw(500, 2)
    batch = batch[batch["weight"].notna()]
    report = score_drift(reference, batch, POLICY)
    assert column(report, "weight").metrics["missing_share"] < -0.05
    assert report.status == "no_drift"


def test_longer_texts_drift(reference, draw):
    batch = draw(300, 2).assign(note=lambda frame: frame["note"] + " word word word word")
    assert {"note (words)", "note (characters)"} <= set(score_drift(reference, batch, POLICY).drifted)


def test_unknown_words_drift(reference, draw):
    batch = draw(300, 2).assign(note=lambda frame: frame["note"].str.replace("word", "mots"))
    assert score_drift(reference, batch, POLICY).drifted[0] == "note (unknown words)"


def test_other_answers_of_the_champion_drift(reference, draw):
    report = score_drift(reference, draw(300, 2), POLICY, predictions=np.repeat([0, 1], [290, 10]))
    assert report.drifted == (PREDICTION,)


def test_a_broken_relation_between_columns_drifts_and_names_the_pair(use_case):
    rng = np.random.default_rng(3)

    def rows(n, related):
        size = rng.normal(size=n)
        weight = size + rng.normal(size=n) if related else np.sqrt(2) * rng.normal(size=n)
        return pd.DataFrame({"size": size, "weight": weight})

    report = score_drift(build_reference(rows(2000, True), use_case, draws=1000), rows(300, False), POLICY)
    assert report.drifted == (TOGETHER,)
    assert report.columns[0].reasons[0].startswith("correlation of size and weight changed by -0.")
    assert report.columns[0].metrics["correlation_shift"] > 0.5


def test_a_small_move_of_all_columns_drifts(use_case):
    names = {f"x{at}": {"kind": "numeric"} for at in range(20)}
    wide = use_case.model_validate(use_case.model_dump() | {"columns": {**use_case.model_dump()["columns"], **names}})
    rng = np.random.default_rng(4)
    reference = build_reference(pd.DataFrame(rng.normal(size=(2000, 20)), columns=list(names)), wide, draws=1000)
    report = score_drift(reference, pd.DataFrame(rng.normal(0.2, 1, size=(200, 20)), columns=list(names)), POLICY)
    assert report.drifted[-1] == TOGETHER
    assert column(report, TOGETHER).score > 2 * max(one.score for one in report.columns if one.name != TOGETHER)


def test_too_few_rows_are_too_small_to_say(reference, draw):
    report = score_drift(reference, draw(49, 2).assign(size=1e9), POLICY)
    assert (report.status, report.columns, report.rows, report.promise) == ("too_small", (), 49, None)


def test_fewer_rows_than_limits_were_learned_for_are_too_small_whatever_the_policy(reference, draw):
    report = score_drift(reference, draw(19, 2), DriftPolicy(rows_min=2))
    assert (report.status, report.rows_min) == ("too_small", 20)


def test_a_reference_of_a_few_rows_says_nothing(use_case, draw):
    assert score_drift(build_reference(draw(39, 1), use_case), draw(300, 2), POLICY).status == "too_small"


@pytest.mark.parametrize("nothing", [np.nan, np.inf])
def test_a_column_without_values_cannot_be_compared_but_its_missing_share_can(reference, draw, nothing):
    size = column(score_drift(reference, draw(100, 2).assign(size=nothing), POLICY), "size")
    assert "undetermined: the batch has no value here" in size.reasons
    assert set(size.metrics) == {"missing_share"}
    assert size.drifted


def test_a_batch_without_labels_does_not_drift_in_its_target(reference, draw):
    report = score_drift(reference, draw(100, 2).assign(label=np.nan), POLICY)
    assert (report.status, column(report, "label").undetermined) == ("no_drift", True)


def test_a_column_missing_on_both_sides_is_undetermined(use_case, draw):
    reference = build_reference(draw(200, 1).assign(size=np.nan, colour=None), use_case, draws=500)
    report = score_drift(reference, draw(100, 2).assign(size=np.nan, colour=None), POLICY)
    for name in ("size", "colour"):
        assert column(report, name).reasons == ("undetermined: the reference has no value here",)
        assert column(report, name).undetermined
        assert not column(report, name).drifted


def test_a_column_that_the_batch_lacks_is_undetermined(reference, draw):
    report = score_drift(reference, draw(100, 2).drop(columns="size"), POLICY)
    size = column(report, "size")
    assert (report.status, size.score, size.metrics, size.drifted) == ("no_drift", 0.0, {}, False)
    assert size.reasons == ("undetermined: the batch lacks this column",)
    assert size.to_dict()["undetermined"] is True


def test_a_constant_reference_has_no_standard_deviations_but_still_a_verdict(use_case, draw):
    reference = build_reference(draw(500, 1).assign(size=5.0), use_case, draws=500)
    same = column(score_drift(reference, draw(100, 2).assign(size=5.0), POLICY), "size")
    assert (same.drifted, same.reasons) == (False, ("undefined here: wasserstein, mean_shift, spread_shift",))
    other = column(score_drift(reference, draw(100, 2).assign(size=4.0), POLICY), "size")
    assert other.drifted
    assert "wasserstein" not in other.metrics


def test_a_column_that_the_champion_does_not_use_only_warns(use_case, draw):
    unused = use_case.columns["size"].model_copy(update={"feature": False})
    other = use_case.model_copy(update={"columns": {**use_case.columns, "size": unused}})
    report = score_drift(
        build_reference(draw(1000, 1), other, draws=500), draw(300, 2).assign(size=99.0, weekday=1.0), POLICY
    )
    assert (report.status, report.warned) == ("no_drift", ("size",))
    assert column(report, "size").reasons


def test_a_feature_that_the_champion_does_not_listen_to_only_warns(use_case, draw):
    moved = draw(300, 2).assign(size=99.0, weekday=1.0)
    unused, used = (build_reference(draw(1000, 1), use_case, draws=500, unused=one) for one in (["size"], []))
    report = score_drift(unused, moved, POLICY)
    assert (report.status, report.drifted, report.warned) == ("no_drift", (), ("size",))
    assert "size" in score_drift(used, moved, POLICY).drifted


def test_another_place_in_the_calendar_only_warns(use_case, draw):
    """Rows of a Monday against rows of a Sunday, which are alike."""
    report = score_drift(build_reference(draw(1000, 1), use_case, draws=500), draw(300, 2), POLICY)
    assert (report.status, report.drifted, report.warned) == ("no_drift", (), ("weekday",))


@pytest.mark.parametrize(("held_out", "compared"), [(39, False), (40, True)])
def test_predictions_of_too_few_held_out_rows_are_not_compared(use_case, draw, held_out, compared):
    known = build_reference(draw(200, 1), use_case, np.repeat([0, 1], 20)[:held_out], draws=100)
    report = score_drift(known, draw(100, 2), POLICY, np.repeat([0, 1], 50))
    assert (PREDICTION in {column.name for column in report.columns}) == compared


def test_a_later_batch_has_a_higher_limit_and_its_promise_is_told(reference, draw):
    first = score_drift(reference, draw(300, 2), POLICY)
    later = score_drift(reference, draw(300, 2), POLICY, history=History(51, alarms=3))
    assert later.columns[0].limit > first.columns[0].limit
    assert (later.promise.number, later.promise.alarms, later.promise.observed) == (52, 3, 3 / 52)
    assert later.promise.spent == pytest.approx(0.05 * 52 / 78)


def test_a_drift_that_no_batch_shows_accumulates(reference, draw):
    def moved(seed):
        return draw(200, seed).assign(size=lambda frame: frame["size"] + 0.26)  # 0.13 standard deviations

    history = History()
    for seed in range(40):
        report = score_drift(reference, moved(100 + seed), POLICY, history=history)
        if report.slow is not None and report.slow.drifted:
            break
        assert report.status == "no_drift"
        history = History(history.scored + 1, 0, (*history.recent, Seen(report.shifts)))
    assert report.slow.column == "size"
    assert (report.status, report.drifted, report.worst_column) == ("drift", (), "size")
    assert 3 <= report.slow.batches <= 40


def test_the_report_is_json(reference, draw):
    report = score_drift(reference, draw(300, 2), POLICY, np.repeat([0, 1], 150))
    values = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert values["status"] == "no_drift"
    assert values["promise"]["alpha"] == 0.05
