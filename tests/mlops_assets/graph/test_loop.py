"""The loop on a trained installation: what landed, what was learned, who answers."""

import dagster as dg
import pandas as pd
import pytest
from tiny_loop import ROWS, answer, land, opened_loop, points

from resources.promotion import reconcile, reconcile_all
from resources.state import ledger, promotions, verdicts
from resources.state.drift_log import drift_after
from resources.state.retrains import challenger_version, retrains_of

pytestmark = pytest.mark.slow


def run(installation) -> list[tuple[str, bool]]:
    with opened_loop(installation) as loop:
        return [(ran.job, ran.success) for ran in loop.run_once()]


def read(installation, question, *arguments):
    with installation.state.read() as connection:
        return question(connection, "tiny", *arguments)


def aliases(installation) -> dict[str, int | None]:
    found = {alias: installation.registry.version_by_alias("tiny", alias) for alias in ("champion", "challenger")}
    return {alias: version and version.version for alias, version in found.items()}


def checks(installation, name: str, asset: str) -> list[dg.AssetCheckEvaluation]:
    """Evaluations of a check, newest first."""
    key = dg.AssetCheckKey(dg.AssetKey(["tiny", asset]), name)
    with dg.DagsterInstance.from_config(str(installation.settings.dagster_home)) as instance:
        records = instance.event_log_storage.get_asset_check_execution_history(key, limit=10)
    return [record.event.dagster_event.asset_check_evaluation_data for record in records]


def test_the_first_batch_makes_the_first_champion(trained):
    (batch,) = read(trained, ledger.accepted)
    assert (batch.rows_read, batch.rows_accepted, batch.rows_quarantined) == (ROWS, ROWS, 0)
    (retrain,) = read(trained, retrains_of)
    assert (retrain.status, retrain.version, retrain.batches) == ("registered", 1, [batch.key])
    assert retrain.cause == f"first champion: {ROWS} rows were accepted"
    (row,) = read(trained, promotions.history)
    assert (row.to_version, row.kind, row.from_version) == (1, "first", None)
    assert aliases(trained) == {"champion": 1, "challenger": None}


def test_the_mlflow_run_is_finished_and_names_the_dagster_run(trained):
    (retrain,) = read(trained, retrains_of)
    logged = trained.registry.client.get_run(retrain.mlflow_run_id)
    assert logged.info.status == "FINISHED"
    assert logged.data.tags["dagster_run_id"] == retrain.dagster_run_id
    assert logged.data.metrics["holdout_accuracy"] > 0.8
    assert trained.registry.versions("tiny")[0].tags["stage"] == "Production"


def test_a_calm_batch_is_scored_and_trains_nothing(trained):
    land(trained, "calm-2", points(9))
    assert run(trained) == [("tiny_batch", True)]
    (event,) = read(trained, drift_after, 0)
    assert (event.status, event.model_status, event.champion_version) == ("no_drift", "no_drift", 1)


def test_a_drifted_batch_trains_a_challenger_and_leaves_the_champion(tested):
    (event,) = read(tested, drift_after, 0)
    assert (event.status, event.model_status) == ("drift", "drift")
    newest, _ = read(tested, retrains_of)
    assert event.key in newest.cause
    assert newest.drift_id == event.id
    assert len(newest.batches) == 2
    assert read(tested, promotions.current) == 1
    assert aliases(tested) == {"champion": 1, "challenger": 2}
    check, of_first_batch = checks(tested, "no_drift", "drift_score")
    assert of_first_batch.passed
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.WARN)


def test_drift_that_stays_for_twenty_looks_on_the_same_data_is_one_retrain(tested):
    with opened_loop(tested) as loop:
        assert [loop.run_once() for _ in range(20)] == [[]] * 20
    assert len(read(tested, retrains_of)) == 2


def bad_points(share: float) -> pd.DataFrame:
    """Points of which a share breaks a rule for rows."""
    frame = points(5)
    frame.loc[: int(share * ROWS) - 1, "y"] = 1000.0
    return frame


def test_bad_rows_go_to_quarantine_and_the_batch_goes_on(trained):
    land(trained, "some-bad", bad_points(0.1))
    assert run(trained)[0] == ("tiny_batch", True)
    batch = read(trained, ledger.accepted)[-1]
    assert (batch.rows_accepted, batch.rows_quarantined) == (270, 30)


def test_a_rejected_batch_is_not_scored_and_never_trained_on(trained):
    land(trained, "mostly-bad", bad_points(0.6))
    assert run(trained) == [("tiny_batch", False)]
    assert read(trained, ledger.counts) == {"accepted": 1, "rejected": 1}
    (rejected,) = read(trained, ledger.latest, 1)
    assert "at most 0.2 of the rows may be bad; found 180 of 300" in rejected.reason
    assert read(trained, drift_after, 0) == []
    (check, _) = checks(trained, "batch_accepted", "validated_batch")
    assert (check.passed, check.blocking) == (False, True)
    with opened_loop(trained) as loop:
        by_hand = loop.definitions.resolve_job_def("tiny_train").execute_in_process(
            instance=loop.instance, asset_selection=[dg.AssetKey(["tiny", "training_set"])], run_config=NARRATION
        )
        assert by_hand.success
        asked = loop.definitions.resolve_job_def("tiny_watch").execute_in_process(
            instance=loop.instance, partition_key=rejected.key, raise_on_error=False, run_config=NARRATION
        )
        assert not asked.success
    newest = read(trained, retrains_of)[0]
    assert rejected.key not in newest.batches
    assert set(trained.lake.read_table("tiny", "training", f"{newest.id:06d}.parquet")["_batch"]) == set(newest.batches)


NARRATION = {"loggers": {"narration": {}}}


def test_a_file_that_cannot_be_decoded_fails_with_its_reason(trained):
    folder = trained.settings.root / "landing" / "tiny"
    (folder / "broken.csv").write_bytes(b"x,y,above\n\xff\xfe\x00,1,yes\n")
    assert run(trained) == [("tiny_batch", False)]
    (batch,) = read(trained, ledger.latest, 1)
    assert batch.status == "failed"
    assert batch.reason


def test_the_daily_watch_scores_again_without_a_second_event(tested):
    key = read(tested, ledger.accepted)[-1].key
    with opened_loop(tested) as loop:
        result = loop.definitions.resolve_job_def("tiny_watch").execute_in_process(
            instance=loop.instance, partition_key=key, run_config=NARRATION
        )
    assert result.success
    assert len(read(tested, drift_after, 0)) == 1
    (fresh,) = checks(tested, "batches_still_arrive", "validated_batch")
    assert fresh.passed


def test_a_better_challenger_is_promoted_and_its_alias_follows(tested):
    answer(tested, 100, right="B")
    assert run(tested) == [("tiny_decide", True)]
    row, _ = read(tested, promotions.history)
    verdict = read(tested, verdicts.latest)
    assert (row.from_version, row.to_version, row.kind, row.verdict_id) == (1, 2, "promote", verdict.id)
    assert (verdict.outcome, verdict.labels) == ("promote", 20)  # labels_min: more were not needed
    assert aliases(tested) == {"champion": 2, "challenger": 1}  # watched
    assert run(tested) == []


def test_a_promotion_that_was_a_mistake_is_rolled_back_by_the_same_verdict_in_reverse(tested):
    answer(tested, 100, right="B")
    run(tested)
    answer(tested, 100, right="B", pair=(2, 1))
    assert run(tested) == [("tiny_decide", True)]
    row, *_ = read(tested, promotions.history)
    assert (row.from_version, row.to_version, row.kind, row.by) == (2, 1, "rollback", "verdict")
    assert row.reason.startswith("version 2 does worse than version 1, which it replaced: promote: after 20 labels")
    assert aliases(tested) == {"champion": 1, "challenger": None}
    assert run(tested) == []


def test_a_watch_ends_when_the_new_champion_holds(tested):
    answer(tested, 100, right="B")
    run(tested)
    answer(tested, 100, right="A", pair=(2, 1))
    assert run(tested) == [("tiny_decide", True)]
    assert read(tested, promotions.current) == 2
    assert aliases(tested) == {"champion": 2, "challenger": None}


def test_a_worse_challenger_is_rejected_and_loses_its_alias(tested):
    answer(tested, 100, right="A")
    assert run(tested) == [("tiny_decide", True)]
    assert read(tested, verdicts.latest).outcome == "reject"
    assert read(tested, challenger_version) is None
    assert aliases(tested) == {"champion": 1, "challenger": None}


def test_few_labels_are_no_verdict_and_more_of_them_are_looked_at_again(tested):
    answer(tested, 10)
    assert run(tested) == [("tiny_decide", True)]
    assert read(tested, verdicts.latest).outcome == "continue"
    assert aliases(tested) == {"champion": 1, "challenger": 2}
    answer(tested, 90)
    assert run(tested) == [("tiny_decide", True)]
    assert read(tested, promotions.current) == 2


def test_a_split_that_is_not_as_set_blocks_the_promotion(tested):
    answer(tested, 200, b_every=1)
    assert run(tested) == [("tiny_decide", True)]
    assert read(tested, verdicts.latest).outcome == "promote"
    assert read(tested, promotions.current) == 1
    (check,) = checks(tested, "traffic_split_as_set", "verdict")
    assert not check.passed


def test_reconciling_sets_the_aliases_to_what_the_rows_say(tested):
    tested.registry.set_alias("tiny", "champion", 2)
    tested.registry.drop_alias("tiny", "challenger")
    assert reconcile(tested, tested.use_cases["tiny"]) == {"champion": 1, "challenger": 2}
    assert aliases(tested) == {"champion": 1, "challenger": 2}


def test_reconciling_all_leaves_out_use_cases_that_nobody_asked_for(tested):
    tested.registry.drop_alias("tiny", "champion")
    reconcile_all(tested, ["wine_quality"])
    assert aliases(tested)["champion"] is None
    reconcile_all(tested)
    assert aliases(tested)["champion"] == 1
