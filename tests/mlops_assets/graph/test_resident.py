"""The resident loop on definitions that do nothing but say that they ran."""

import dagster as dg
import pytest

from mlops_assets.graph.dead_runs import RESIDENT_TAG
from mlops_assets.graph.resident import ATTEMPT_TAG, ATTEMPTS_MAX, Resident

GONE = "4194304@1700000000.00"
BATCHES = dg.DynamicPartitionsDefinition(name="tiny_batches")


class Stage:
    """What the sensors ask for, and what ran."""

    def __init__(self) -> None:
        self.landed: list[str] = []
        self.ran: list[str] = []
        self.fails: set[str] = set()

    def definitions(self) -> dg.Definitions:
        @dg.asset(key=["tiny", "raw"], partitions_def=BATCHES)
        def raw(context: dg.AssetExecutionContext):
            self.ran.append(f"raw {context.partition_key}")

        @dg.asset(key=["tiny", "scored"], partitions_def=BATCHES, deps=[["tiny", "raw"]])
        def scored(context: dg.AssetExecutionContext):
            if context.partition_key in self.fails:
                raise ValueError("too odd")
            self.ran.append(f"scored {context.partition_key}")

        job = dg.define_asset_job("tiny_batch", selection="*", executor_def=dg.in_process_executor)

        @dg.sensor(name="tiny_landing", job_name="tiny_batch")
        def landing(context):
            if not self.landed:
                return dg.SkipReason("nothing landed")
            requests = [dg.RunRequest(run_key=key, partition_key=key) for key in self.landed]
            return dg.SensorResult(requests, dynamic_partitions_requests=[BATCHES.build_add_request(self.landed)])

        @dg.sensor(name="other_landing", job_name="tiny_batch")
        def other(context):
            return dg.SkipReason("nothing for the other")

        @dg.sensor(name="tiny_grown_landing", job_name="tiny_batch")
        def grown(context):
            return dg.SkipReason("nothing for tiny_grown")

        return dg.Definitions(
            assets=[raw, scored], jobs=[job], sensors=[landing, other, grown], resources={"installation": "none"}
        )


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def loop(stage, instance, lines) -> Resident:
    return Resident(stage.definitions(), instance, ["tiny"], progress=lines.append)


@pytest.fixture
def die(instance, loop):
    """A run of a process that is gone."""

    def die(key: str, **tags: str) -> None:
        instance.add_dynamic_partitions("tiny_batches", [key])
        asked = {"dagster/run_key": key, "dagster/sensor_name": "tiny_landing", "dagster/partition": key}
        job = loop.definitions.resolve_job_def("tiny_batch")
        instance.create_run_for_job(
            job,
            tags={RESIDENT_TAG: GONE, "mlops/use_case": "tiny", **asked, **tags},
            status=dg.DagsterRunStatus.STARTED,
        )

    return die


def test_what_a_sensor_asks_for_runs_once_in_its_order(stage, loop):
    stage.landed = ["a", "b"]
    ran = loop.run_once()
    assert stage.ran == ["raw a", "scored a", "raw b", "scored b"]
    assert [(one.sensor, one.job, one.partition_key, one.success) for one in ran] == [
        ("tiny_landing", "tiny_batch", "a", True),
        ("tiny_landing", "tiny_batch", "b", True),
    ]
    assert loop.run_once() == []


def test_runs_are_kept_with_the_key_and_the_sensor_that_asked(stage, loop, instance):
    stage.landed = ["a"]
    (ran,) = loop.run_once()
    tags = instance.get_run_by_id(ran.run_id).tags
    assert (tags["dagster/run_key"], tags["dagster/sensor_name"]) == ("a", "tiny_landing")


def test_a_failed_run_is_told_with_its_reason_and_not_repeated(stage, loop, lines):
    stage.landed, stage.fails = ["a"], {"a"}
    (ran,) = loop.run_once()
    assert not ran.success
    assert any("too odd" in line for line in lines)
    assert loop.run_once() == []


def test_only_sensors_of_the_wanted_use_cases_are_looked_at(loop, lines):
    loop.run_once()
    assert lines == ["tiny_landing: nothing landed"]


def test_a_sensor_that_fails_stops_no_other_and_is_asked_again(stage, instance, lines):
    loop = Resident(stage.definitions(), instance, progress=lines.append)
    stage.landed = [0]  # a run key is a text
    loop.run_once()
    assert loop.failed == {"tiny_landing"}
    assert lines[0].startswith("tiny_landing: FAILED: ")
    assert "other_landing: nothing for the other" in lines
    stage.landed = ["a"]
    assert [done.success for done in loop.run_once()] == [True]
    assert loop.failed == set()


def test_the_same_reason_is_told_once(loop, lines):
    loop.run_once()
    loop.run_once()
    assert lines == ["tiny_landing: nothing landed"]


def test_what_a_killed_process_left_comes_first_and_only_once(stage, loop, die, instance):
    die("a")
    stage.landed = ["a", "b"]
    ran = loop.run_once()
    assert [one.partition_key for one in ran] == ["a", "b"]
    assert stage.ran == ["raw a", "scored a", "raw b", "scored b"]
    assert instance.get_run_by_id(ran[0].run_id).tags[ATTEMPT_TAG] == "2"


def test_a_run_that_killed_its_process_too_often_is_left_to_people(stage, loop, die):
    die("a", **{ATTEMPT_TAG: str(ATTEMPTS_MAX)})
    assert loop.run_once() == []
    assert stage.ran == []


def test_a_run_that_a_person_started_is_buried_and_not_resumed(stage, loop, die, instance):
    instance.create_run_for_job(
        loop.definitions.resolve_job_def("tiny_batch"),
        tags={RESIDENT_TAG: GONE, "mlops/use_case": "tiny"},
        status=dg.DagsterRunStatus.STARTED,
    )
    assert loop.run_once() == []
    assert instance.get_runs_count(dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE])) == 1
