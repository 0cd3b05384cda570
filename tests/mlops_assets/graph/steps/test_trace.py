"""A prediction is followed back to the files its version learnt from."""

from datetime import UTC, datetime, timedelta

import pytest
from tiny_loop import NOON, accept, answer, tell, train

from mlops_assets.graph.steps.certify import certify
from mlops_assets.graph.steps.contest import hold_contest
from mlops_assets.graph.steps.kept import keep_evidence
from mlops_assets.graph.steps.trace import UnknownPredictionError, trace_prediction
from mlops_assets.report.trace import trace_lines
from resources.state import audit
from resources.state.evidence import record_evidence
from resources.state.feedback import Event
from resources.state.prediction_id import prediction_id
from resources.state.promotions import promote
from resources.state.prune import Pruning, prune_block
from resources.state.retrains import change_retrain
from resources.state.verdicts import StoredVerdict, record_verdict

BEFORE, LATER = NOON - timedelta(days=1), NOON + timedelta(days=1)


@pytest.fixture
def installation(open_empty):
    """Version 1 is champion since the day before; version 2 is under test, trained on a batch of two."""
    opened = open_empty()
    train(opened, "a" * 64, 1, at=BEFORE)
    train(opened, "b" * 64, 2, at=BEFORE)
    accept(opened, "red.csv", 290)
    key = accept(opened, "white.csv", 310)
    with opened.state.write() as connection:
        change_retrain(connection, 2, batches=[key], mlflow_run_id="mlflow run")
    certify(opened, opened.use_cases["tiny"])
    answer(opened, 10)
    return opened


def promoted(installation) -> None:
    with installation.state.write() as connection:
        promote(connection, "tiny", 2, expected=1, kind="promote", reason="better", at=LATER, by="ann")
    certify(installation, installation.use_cases["tiny"])


def test_an_answer_of_the_champion_leads_to_the_certificate_by_which_it_was_champion(installation):
    promoted(installation)
    found = trace_prediction(installation, "request 3")
    assert (found.use_case, found.version, found.answer["arm"], found.answer["answered"]) == ("tiny", 1, "A", "no")
    assert (found.decided.file, found.decided.done) == ("000001-first.json", "version 1 is the first champion")
    assert found.retrain["id"] == 1


def test_an_answer_of_a_challenger_leads_to_how_its_trial_ended(installation):
    assert trace_prediction(installation, "request 5").decided is None
    promoted(installation)
    found = trace_prediction(installation, "request 5")
    assert (found.version, found.answer["arm"]) == (2, "B")
    assert (found.decided.file, found.decided.reason) == ("000002-promote.json", "better")


def test_the_batches_are_named_as_they_landed(installation):
    found = trace_prediction(installation, "request 5")
    (batch,) = found.batches
    assert (batch["name"], batch["rows_accepted"], batch["rows_quarantined"]) == ("white.csv", 310, 0)
    assert (found.retrain["mlflow_run_id"], found.retrain["cause"]) == ("mlflow run", "because")


def test_the_label_comes_with_every_truth_that_was_told(installation):
    with installation.state.write() as connection:
        tell(connection, installation, Event("request 3", "no", NOON, LATER, source="audit"))
    found = trace_prediction(installation, "request 3")
    assert (found.state, found.label["truth"], found.label["source"]) == ("corrected", "no", "audit")
    assert [(one["truth"], one["source"]) for one in found.told] == [("no", "audit"), ("yes", "client")]


def test_the_lines_say_all_of_it(installation):
    promoted(installation)
    text = "\n".join(trace_lines(trace_prediction(installation, "request 5")))
    for words in (
        "prediction  request 5 of tiny, 2026-03-01 12:00 UTC",
        "answered    'yes' by version 2, arm B",
        "experiment  version 2 (said 'yes') against version 1 (said 'no'), phase 1",
        "label       'yes', labelled, by client",
        "decision    version 2 is champion in place of version 1: better",
        "certificate 000002-promote.json, SHA-256 ",
        "trained     retrain 2 of 2026-02-28 12:00 UTC: because",
        "runs        MLflow mlflow run, Dagster run of bbbbbbbb 2",
        "white.csv: 310 accepted, 0 quarantined, SHA-256 ",
    ):
        assert words in text


def test_nothing_is_written_on_the_way(installation):
    root = installation.settings.root / "certificates"
    before = sorted(root.rglob("*"))
    trace_prediction(installation, "request 5")
    assert sorted(root.rglob("*")) == before


def test_a_pruned_answer_is_still_told_by_the_evidence_that_it_counted_in(installation):
    contest = hold_contest(installation, installation.use_cases["tiny"])
    with installation.state.write() as connection:
        stored = StoredVerdict("tiny", 1, 2, "reject", -0.1, -0.2, -0.05, 10, LATER, "worse")
        record_evidence(connection, keep_evidence(installation, contest.judged, contest.evidence, contest.judgement))
        record_verdict(connection, stored)
    certify(installation, installation.use_cases["tiny"])
    assert prune_block(installation.state, Pruning("tiny", LATER, None))[0] == 10
    with pytest.raises(
        UnknownPredictionError,
        match=r"it counted in tiny/000002-reject.json: arm B, version 1 said no, 2 yes, truth yes$",
    ):
        trace_prediction(installation, "request 5")


def test_an_id_of_another_form_says_what_an_id_is(installation):
    with pytest.raises(UnknownPredictionError, match=r"'17' is not in the log: an id as POST /predict gave it is due"):
        trace_prediction(installation, "17")
    with pytest.raises(UnknownPredictionError, match="an id as POST /predict gave it is due"):
        trace_prediction(installation, "9e107d9d-372b-4bd6-a816-2f5e5d2e3f4a")  # a UUID of version 4


def test_an_id_that_was_never_here_says_when_it_would_be_from(installation):
    made = prediction_id(int(LATER.timestamp()) * 10**9, bytes(8))
    with pytest.raises(UnknownPredictionError, match=r"from 2026-03-02 12:00 UTC; was it answered by another"):
        trace_prediction(installation, made)


def test_an_id_from_before_a_pruning_says_so(installation):
    with installation.state.write() as connection:
        done = {"removed": 7, "before": datetime(2026, 2, 1, tzinfo=UTC).isoformat()}
        audit.record(connection, audit.Change("mlops log prune", "prune", NOON, "tiny", None, done))
    old = prediction_id(int(datetime(2026, 1, 15, tzinfo=UTC).timestamp()) * 10**9, bytes(8))
    with pytest.raises(UnknownPredictionError, match=r"before 2026-02-01T00:00 were pruned on 2026-03-01"):
        trace_prediction(installation, old)
    with pytest.raises(UnknownPredictionError, match="another installation"):
        trace_prediction(installation, prediction_id(int(NOON.timestamp()) * 10**9, bytes(8)))
