import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tiny_loop import NOON, accept, score, train
from tiny_stream import arrive, open_light, points_at, tiny_stream

from mlops_assets.graph.steps.plan import Plan, keep_plan, kept_plan, narrowed, read_plan
from mlops_assets.graph.steps.training_set import collect
from mlops_assets.spec import RetrainPolicy
from mlops_assets.training.race.standing import even
from resources.state import ledger
from resources.state.retrains import find_retrain

STREAM = tiny_stream(window="12h", race={"recent": 4}).stream


@pytest.fixture
def stream(tmp_path):
    installation = open_light(tmp_path / "home", tiny_stream())
    yield installation
    installation.state.close()


def write(installation, **changes):
    """The record of a race of the recipe 'tree plain'."""
    record = {"recipe": "tree plain", "standing": even(["keep", "continue"]).to_dict() | changes}
    installation.lake.write_bytes(json.dumps(record).encode(), "tiny", "race", "race.json")


def crown(installation, model="tree plain"):
    """A first champion, and the report of its training."""
    train(installation, "a" * 64, version=1)
    report = json.dumps({"model": model, "family": "tree"}).encode()
    installation.lake.write_bytes(report, "tiny", "candidates", "000001", "report.json")


def test_a_race_that_heard_no_label_says_nothing(stream):
    use_case = stream.use_cases["tiny"]
    crown(stream)
    assert read_plan(stream, use_case) is None
    write(stream)
    assert read_plan(stream, use_case) is None


@pytest.mark.parametrize("model", ["tree plain", "tree plain continued"])
def test_the_leader_of_the_race_is_the_plan(stream, model):
    crown(stream, model)
    write(stream, rows=40, chosen="continue", reason="it lost least over all labels")
    plan = read_plan(stream, stream.use_cases["tiny"])
    assert plan == Plan("continue", "it lost least over all labels")
    assert plan.sentence == "learning by continue, as the race says: it lost least over all labels"


@pytest.mark.parametrize("model", ["tree scaled", "bert"])
def test_the_race_of_another_recipe_is_no_plan(stream, model):
    write(stream, rows=40, chosen="continue", reason="it lost least over all labels")
    assert read_plan(stream, stream.use_cases["tiny"]) is None  # no champion at all
    crown(stream, model)
    assert read_plan(stream, stream.use_cases["tiny"]) is None


def test_right_after_a_jump_the_race_has_a_plan_though_its_record_is_empty(stream):
    crown(stream)
    write(stream, rows=0, levels=[], chosen="continue", reason="it learns soonest")
    assert read_plan(stream, stream.use_cases["tiny"]) == Plan("continue", "it learns soonest")


def test_a_plan_is_kept_with_its_retrain(stream):
    use_case = stream.use_cases["tiny"]
    keep_plan(stream, use_case, 7, Plan("continue", "because"))
    keep_plan(stream, use_case, 8, None)
    assert kept_plan(stream, use_case, 7) == Plan("continue", "because")
    assert kept_plan(stream, use_case, 8) is None


def test_recent_rows_are_those_of_the_recent_windows():
    # 4 windows of 12 hours are 2 days
    assert narrowed(RetrainPolicy(), Plan("refit_recent", ""), STREAM).days == 2.0


@pytest.mark.parametrize(("window", "batches"), [("7rows", 1), ("10rows", 1), ("11rows", 2), ("99rows", 3)])
def test_recent_rows_of_windows_of_rows_are_those_of_the_newest_batches(stream, window, batches):
    """Three batches of 20 rows, two windows recent: 14 and 20 rows lie in one batch, 22 in two."""
    for name in "abc":
        accept(stream, name, 20)
    with stream.state.read() as connection:
        accepted = ledger.accepted(connection, "tiny")
    declared = tiny_stream(window=window, race={"recent": 2}).stream
    assert narrowed(RetrainPolicy(), Plan("refit_recent", ""), declared, accepted).batches == batches


def test_before_the_first_batch_recent_rows_would_be_those_of_one():
    declared = tiny_stream(window="7rows").stream
    assert narrowed(RetrainPolicy(), Plan("refit_recent", ""), declared).batches == 1


def test_without_a_stream_no_plan_narrows_anything_and_none_is_read(stream):
    assert narrowed(RetrainPolicy(), Plan("refit_recent", ""), None) == RetrainPolicy()
    crown(stream)
    write(stream, rows=40, chosen="continue", reason="because")
    assert read_plan(stream, stream.use_cases["tiny"].model_copy(update={"stream": None})) is None


@pytest.mark.parametrize(
    ("policy", "plan"),
    [
        (RetrainPolicy(batches=3), Plan("refit_recent", "")),
        (RetrainPolicy(days=30), Plan("refit_recent", "")),
        (RetrainPolicy(), Plan("refit_all", "")),
        (RetrainPolicy(), None),
    ],
)
def test_batches_that_the_use_case_names_stand_and_so_do_all_of_them_for_other_plans(policy, plan):
    assert narrowed(policy, plan, STREAM) == policy


def test_an_alarm_that_comes_while_batches_are_joined_is_left_to_the_next_retrain(stream):
    key = arrive(stream, "a", points_at(1, "2026-01-01"))
    seen, later = score(stream, key), iter(["000002-later"])

    def clock():  # first asked after the batches were read: another batch alarms in this moment
        for alarmed in later:
            score(stream, alarmed)
        return NOON

    collect(replace(stream, clock=clock), stream.use_cases["tiny"], "run 1", "an alarm")
    with stream.state.read() as connection:
        assert find_retrain(connection, "tiny", "run 1").drift_id == seen


@pytest.mark.parametrize(("rows_min", "taken"), [(10, ["b", "c"]), (40, ["b", "c"]), (45, ["a", "b", "c"])])
def test_a_training_set_follows_the_plan_where_there_are_rows_enough(tmp_path, rows_min, taken):
    """Windows of a day, two of them recent: batch a, three days older than the newest row, is left out."""
    case = tiny_stream(race={"recent": 2})
    case = case.model_copy(update={"retrain": case.retrain.model_copy(update={"rows_min": rows_min})})
    installation = open_light(tmp_path / "home", case)
    for name, day in {"a": 1, "b": 3, "c": 4}.items():
        newest = datetime(2026, 1, day, 12, tzinfo=UTC)
        key = accept(installation, name, 20, time_max=newest)
        installation.lake.write_table(points_at(day, f"2026-01-0{day}"), "tiny", "accepted", f"{key}.parquet")
    crown(installation)
    write(installation, rows=40, chosen="refit_recent", reason="because")
    collected = collect(installation, case, "run 1", "an alarm")
    assert [batch.name for batch in collected.window.batches] == taken
    with installation.state.read() as connection:
        retrain = find_retrain(connection, "tiny", "run 1")
    assert retrain.cause == "an alarm; learning by refit_recent, as the race says: because"
    assert kept_plan(installation, case, retrain.id) == Plan("refit_recent", "because")
    installation.state.close()
