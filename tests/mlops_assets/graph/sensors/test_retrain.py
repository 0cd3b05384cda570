import json
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest
from tiny_loop import NOON, accept, score, train
from tiny_stream import open_light, tiny_stream

from mlops_assets.graph.sensors.retrain import build_retrain_sensor, read_facts
from mlops_assets.graph.window import select_batches
from mlops_assets.training.race.standing import even
from resources.state import ledger


@pytest.fixture
def look(instance):
    """Evaluates the sensor of an installation once."""

    def evaluate(installation):
        sensor = build_retrain_sensor(installation.use_cases["tiny"])
        with dg.build_sensor_context(instance=instance, resources={"installation": installation}) as context:
            return sensor(context)

    return evaluate


def later(seconds: float):
    return lambda: NOON + timedelta(seconds=seconds)


def test_before_enough_rows_it_says_how_many_are_missing(open_empty, look):
    installation = open_empty()
    accept(installation, "a", rows=60)
    assert look(installation).skip_message == "no champion yet; 60 of 100 accepted rows are there"


def test_enough_rows_ask_for_the_first_champion(open_empty, look):
    installation = open_empty()
    accept(installation, "a", rows=60)
    accept(installation, "b", rows=60)
    request = look(installation)
    assert request.tags["mlops/cause"] == "first champion: 120 rows were accepted"
    assert look(installation).run_key == request.run_key


def test_calm_batches_ask_for_nothing(open_empty, look):
    installation = open_empty()
    train(installation, "d" * 64, 1)
    score(installation, accept(installation, "a"), data="no_drift")
    score(installation, accept(installation, "b"), data="too_small", model="no_labels")
    assert look(installation).skip_message == "no alarm among 2 drift score(s) since the last retrain"


def test_a_drifted_batch_asks_for_a_retrain_with_its_cause(open_empty, look):
    installation = open_empty()
    train(installation, "d" * 64, 1)
    key = accept(installation, "a")
    score(installation, key)
    assert look(installation).tags["mlops/cause"] == f"batch {key}: drift of x"


def test_an_alarm_followed_by_a_calm_batch_is_not_lost(open_empty, look):
    installation = open_empty()
    train(installation, "d" * 64, 1)
    alarmed = accept(installation, "a")
    score(installation, alarmed)
    score(installation, accept(installation, "b"), data="no_drift")
    assert alarmed in look(installation).tags["mlops/cause"]


def test_several_alarms_are_one_retrain(open_empty, look):
    installation = open_empty()
    train(installation, "d" * 64, 1)
    keys = [accept(installation, name) for name in "abc"]
    for key in keys:
        score(installation, key)
    assert look(installation).tags["mlops/cause"].startswith(f"3 batches alarmed, the last is {keys[-1]}")


def test_events_are_read_in_order_and_only_those_after_the_last_retrain(open_empty, instance):
    installation = open_empty()
    first = score(installation, accept(installation, "a"))
    train(installation, "d" * 64, 1, drift_id=first)
    after = [score(installation, accept(installation, name)) for name in "bc"]
    facts = read_facts(installation.use_cases["tiny"], installation, instance)
    assert [alarm.id for alarm in facts.alarms] == after


def test_alarms_about_a_former_champion_do_not_count(open_empty, look):
    installation = open_empty()
    train(installation, "d" * 64, 2)
    score(installation, accept(installation, "a"), champion=1)
    assert "no alarm among 0" in look(installation).skip_message


def test_the_same_data_is_trained_on_once_however_long_drift_stays(open_empty, look, instance):
    installation = open_empty()
    train(installation, "d" * 64, 1)
    key = accept(installation, "a")
    alarm = score(installation, key)
    request = look(installation)
    data_hash = read_facts(installation.use_cases["tiny"], installation, instance).data_hash
    assert data_hash in request.run_key
    train(installation, data_hash, None, drift_id=alarm)
    score(installation, key, model="drift")
    sentence = "1 alarm(s), but a model was already trained on exactly these batches"
    assert {look(installation).skip_message for _ in range(20)} == {sentence}


def test_a_first_model_that_was_refused_is_not_trained_again_on_the_same_data(open_empty, look, instance):
    installation = open_empty()
    accept(installation, "a")
    train(installation, read_facts(installation.use_cases["tiny"], installation, instance).data_hash, None)
    assert look(installation).skip_message.endswith("trained on exactly these batches was refused")


def test_an_alarm_waits_until_the_cool_down_is_over(open_empty, look):
    early = open_empty(clock=later(40), retrain={"cooldown_s": 100, "rows_min": 100})
    late = open_empty(clock=later(101), retrain={"cooldown_s": 100, "rows_min": 100})
    for installation in (early, late):
        train(installation, "d" * 64, 1)
        score(installation, accept(installation, "a"))
    assert look(early).skip_message == "1 alarm(s), cooling down for another 60 s"
    assert isinstance(look(late), dg.RunRequest)


@pytest.mark.parametrize("status", [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED])
def test_one_retrain_at_a_time(open_empty, look, instance, status):
    installation = open_empty()
    accept(installation, "a")
    instance.add_run(dg.DagsterRun("tiny_train", status=status))
    assert look(installation).skip_message == "a retrain is running; one at a time"


def test_a_run_of_another_use_case_or_one_that_ended_holds_nobody_up(open_empty, look, instance):
    installation = open_empty()
    accept(installation, "a")
    instance.add_run(dg.DagsterRun("wine_train", status=dg.DagsterRunStatus.STARTED))
    instance.add_run(dg.DagsterRun("tiny_train", status=dg.DagsterRunStatus.FAILURE))
    assert isinstance(look(installation), dg.RunRequest)


def test_the_batches_of_a_plan_are_what_a_model_was_trained_on(tmp_path, look):
    """The race says recent rows alone: an alarm brings no second retrain on the same recent batches."""
    case = tiny_stream(race={"recent": 2})
    installation = open_light(tmp_path / "home", case)
    for day in (1, 3, 4):
        accept(installation, f"day {day}", time_max=datetime(2026, 1, day, 12, tzinfo=UTC))
    recent = select_batches(accepted(installation), case.retrain.model_copy(update={"days": 2}), NOON)
    assert len(recent.batches) == 2
    train(installation, recent.data_hash, 1)
    race = {"recipe": "tree", "standing": even(["keep"]).to_dict() | {"reason": "because", "chosen": "refit_recent"}}
    installation.lake.write_bytes(json.dumps(race).encode(), "tiny", "race", "race.json")
    installation.lake.write_bytes(json.dumps({"model": "tree"}).encode(), "tiny", "candidates", "000001", "report.json")
    score(installation, recent.batches[-1].key)
    assert look(installation).skip_message == "1 alarm(s), but a model was already trained on exactly these batches"
    installation.state.close()


def accepted(installation):
    with installation.state.read() as connection:
        return ledger.accepted(connection, "tiny")
