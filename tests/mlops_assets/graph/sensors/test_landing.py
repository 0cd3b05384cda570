import os

import dagster as dg
import pytest
from tiny_loop import enter, land, points

from mlops_assets.graph.sensors.landing import build_landing_sensor
from resources.state import ledger


@pytest.fixture
def look(instance):
    """Evaluates the sensor of an installation once."""

    def evaluate(installation, cursor: str | None = None):
        sensor = build_landing_sensor(installation.use_cases["tiny"])
        resources = {"installation": installation}
        with dg.build_sensor_context(instance=instance, resources=resources, cursor=cursor) as context:
            return sensor(context)

    return evaluate


def test_an_empty_folder_is_skipped_with_the_counts(open_empty, look):
    assert look(open_empty()).skip_message == "0 file(s) seen: nothing to do"


def test_a_file_becomes_one_partition_and_one_run(open_empty, look):
    installation = open_empty()
    land(installation, "a", points(1))
    result = look(installation)
    (request,) = result.run_requests
    (partitions,) = result.dynamic_partitions_requests
    assert request.run_key == f"tiny:{request.partition_key}"
    assert (partitions.partitions_def_name, partitions.partition_keys) == ("tiny_batches", [request.partition_key])
    assert request.tags == {"mlops/use_case": "tiny", "mlops/batch": "a.csv"}
    assert result.cursor == "1"


def test_a_lost_tick_asks_for_the_same_run_again(open_empty, look):
    installation = open_empty()
    land(installation, "a", points(1))
    first, again = look(installation), look(installation)
    assert [request.run_key for request in first.run_requests] == [request.run_key for request in again.run_requests]


def test_a_kept_cursor_asks_only_for_what_came_after(open_empty, look):
    installation = open_empty()
    land(installation, "a", points(1))
    cursor = look(installation).cursor
    assert "1 known" in look(installation, cursor).skip_message
    land(installation, "b", points(2))
    (request,) = look(installation, cursor).run_requests
    assert request.partition_key.startswith("000002-")


def test_known_bytes_under_another_name_ask_for_no_run(open_empty, look):
    installation = open_empty()
    land(installation, "a", points(1))
    cursor = look(installation).cursor
    land(installation, "b", points(1))
    assert "1 with known bytes" in look(installation, cursor).skip_message


def test_new_bytes_under_a_known_name_are_a_new_batch(open_empty, look):
    installation = open_empty()
    land(installation, "a", points(1))
    cursor = look(installation).cursor
    land(installation, "a", points(2))
    (request,) = look(installation, cursor).run_requests
    assert request.partition_key.startswith("000002-")


def test_a_tick_asks_for_at_most_runs_per_tick(open_empty, look):
    installation = open_empty(landing={"runs_per_tick": 2})
    for seed in range(5):
        land(installation, f"file-{seed}", points(seed, n=30))
    cursor, asked = None, []
    for _ in range(3):
        result = look(installation, cursor)
        cursor = result.cursor
        asked.append([request.partition_key[:6] for request in result.run_requests])
    assert asked == [["000001", "000002"], ["000003", "000004"], ["000005"]]


def test_batches_that_were_decided_are_never_asked_for_whatever_dagster_forgot(open_empty, look):
    installation = open_empty()
    land(installation, "a", points(1))
    (request,) = look(installation).run_requests
    with installation.state.write() as connection:
        counts = ledger.Counts(200, 200, 0)
        ledger.mark_accepted(connection, request.partition_key, counts, installation.clock())
    assert isinstance(look(installation, cursor=None), dg.SkipReason)


def test_a_batch_that_landed_before_is_asked_for_without_its_file(open_empty, look):
    installation = open_empty()
    with installation.state.write() as connection:
        key = enter(connection, "gone.csv").key
    (request,) = look(installation).run_requests
    assert request.partition_key == key


def test_a_growing_file_waits(open_empty, look):
    installation = open_empty(landing={"quiet_s": 3600})
    land(installation, "a", points(1))
    assert "1 still growing" in look(installation).skip_message


def test_a_refused_file_is_explained_and_stops_nobody(open_empty, look):
    installation = open_empty()
    folder = installation.settings.root / "landing" / "tiny"
    os.mkfifo(folder / "pipe.csv")
    land(installation, "a", points(1))
    assert len(look(installation).run_requests) == 1
