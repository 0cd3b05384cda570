from dataclasses import replace
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest
from tiny_loop import NOON, answer, tell, train

from mlops_assets.graph.sensors.verdict import build_verdict_sensor
from mlops_assets.graph.steps.certify import certify, open_certificates
from resources.state.feedback import Event
from resources.state.labels import newest_label
from resources.state.verdicts import StoredVerdict, record_verdict

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def look(instance):
    def evaluate(installation):
        sensor = build_verdict_sensor(installation.use_cases["tiny"])
        with dg.build_sensor_context(instance=instance, resources={"installation": installation}) as context:
            return sensor(context)

    return evaluate


@pytest.fixture
def tested(open_empty):
    """Version 1 is champion, version 2 under test."""
    installation = open_empty()
    train(installation, "a" * 64, 1)
    train(installation, "b" * 64, 2)
    certify(installation, installation.use_cases["tiny"])
    return installation


def judged(installation, labels: int, outcome: str, look_at: datetime | None = None) -> None:
    with installation.state.write() as connection:
        newest = newest_label(connection, "tiny", 1, 2)
        said = StoredVerdict("tiny", 1, 2, outcome, 0.1, 0.0, 0.2, labels, NOW, "said", newest)
        record_verdict(connection, replace(said, takes_over=outcome == "promote", look_at=look_at))


def test_nobody_under_test_is_skipped(open_empty, look):
    assert look(open_empty()).skip_message == "no challenger is under test"


def test_without_labels_nothing_is_asked(tested, look):
    assert look(tested).skip_message == "version 2 against 1: no label is new"


def test_new_labels_ask_for_one_verdict(tested, look):
    answer(tested, 7)
    assert look(tested).run_key == "tiny:1:2:7"


def test_judged_labels_ask_for_nothing(tested, look):
    answer(tested, 7)
    judged(tested, 7, "continue")
    assert look(tested).skip_message == "version 2 against 1: no label is new"


def test_a_corrected_label_asks_for_a_verdict_again(tested, look):
    answer(tested, 7)
    judged(tested, 7, "continue")
    with tested.state.write() as connection:
        tell(connection, tested, Event("request 3", "no", NOON, NOON + timedelta(hours=1)))
    assert look(tested).run_key == "tiny:1:2:8"


def test_a_promise_to_promote_that_was_not_acted_on_is_asked_for_again(tested, look):
    answer(tested, 7)
    judged(tested, 7, "promote")
    assert look(tested).run_key == "tiny:1:2:7"


def test_labels_that_became_old_enough_are_judged_without_a_new_one(tested, look):
    answer(tested, 7)
    judged(tested, 7, "continue", look_at=NOW + timedelta(days=10_000))
    assert look(tested).skip_message == "version 2 against 1: no label is new"
    judged(tested, 7, "continue", look_at=NOW)
    assert look(tested).run_key == f"tiny:1:2:7:{NOW}"


@pytest.mark.parametrize("outcome", ["reject", "equivalent", "inconclusive"])
def test_an_ended_experiment_is_not_judged_again(tested, look, outcome):
    judged(tested, 7, outcome)
    certify(tested, tested.use_cases["tiny"])
    answer(tested, 9)
    assert look(tested).skip_message == "no challenger is under test"


def test_a_decision_without_a_certificate_asks_for_the_run_that_writes_it(tested, look):
    judged(tested, 7, "reject")
    assert look(tested).run_key.startswith(f"tiny:certificate:reject of {NOW.isoformat()}:20")
    certify(tested, tested.use_cases["tiny"])
    assert look(tested).skip_message == "no challenger is under test"


def test_a_certificate_whose_writer_died_asks_for_the_run_that_finishes_it(tested, look):
    folder = open_certificates(tested, tested.use_cases["tiny"]).folder
    (folder / "SHA256SUMS").unlink()
    assert look(tested).run_key.startswith("tiny:certificate:000001-first.json:20")


def test_a_certificate_that_was_changed_does_not_stop_the_judging(tested, look):
    path = open_certificates(tested, tested.use_cases["tiny"]).folder / "000001-first.json"
    path.write_bytes(path.read_bytes().replace(b"because", b"Because"))
    answer(tested, 7)
    assert look(tested).run_key == "tiny:1:2:7"
