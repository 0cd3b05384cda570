import dagster as dg
import pytest
from tiny_stream import NOON, arrive, open_light, rows, tiny_stream

from mlops_assets.graph.sensors.window import build_window_sensor
from mlops_assets.graph.steps.windows import keep_window


@pytest.fixture
def stream(tmp_path):
    installation = open_light(tmp_path / "home", tiny_stream(), clock=lambda: NOON)
    yield installation
    installation.state.close()


def look(installation, instance):
    sensor = build_window_sensor(installation.use_cases["tiny"])
    with dg.build_sensor_context(instance=instance, resources={"installation": installation}) as context:
        return sensor(context)


def test_before_the_first_batch_it_says_so(stream, instance):
    assert look(stream, instance).skip_message == "no row with an event time has arrived"


def test_a_closed_window_becomes_one_partition_and_one_run(stream, instance):
    arrive(stream, "a", rows("1", "2", "3"))
    result = look(stream, instance)
    (partitions,) = result.dynamic_partitions_requests
    keys = ["20260101T000000-1d", "20260102T000000-1d"]
    assert (partitions.partitions_def_name, partitions.partition_keys) == ("tiny_windows", keys)
    assert [request.partition_key for request in result.run_requests] == keys
    assert result.run_requests[0].run_key == "tiny:window:20260101T000000-1d:2026-03-01T12"
    assert result.run_requests[0].tags == {"mlops/use_case": "tiny"}


def test_a_lost_tick_asks_again_until_the_rows_are_kept(stream, instance):
    arrive(stream, "a", rows("1", "2"))
    assert look(stream, instance).run_requests == look(stream, instance).run_requests
    keep_window(stream, stream.use_cases["tiny"], "20260101T000000-1d")
    assert look(stream, instance).skip_message.startswith("complete until 2026-01-02 00:00:00: 1 window(s) closed")
