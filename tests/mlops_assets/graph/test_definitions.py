import warnings

import dagster as dg
import pytest
from tiny_loop import open_tiny, tiny
from tiny_stream import tiny_stream

from mlops_assets import definitions
from mlops_assets.definitions import definitions_of
from mlops_assets.graph.factory import build_assets

ASSETS = {
    "raw_batch",
    "validated_batch",
    "drift_score",
    "training_set",
    "automl_model",
    "registered_version",
    "verdict",
    "champion",
}
WINDOWS = {"window", "window_eda", "window_loss", "race"}


@pytest.fixture(scope="module")
def defs(tmp_path_factory) -> dg.Definitions:
    return definitions_of(open_tiny(tmp_path_factory.mktemp("home")))


@pytest.fixture(scope="module")
def graph(defs):
    return defs.resolve_asset_graph()


def test_the_code_location_loads_without_a_warning(monkeypatch, tmp_path):
    monkeypatch.setenv("MLOPS_HOME", str(tmp_path))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loaded = definitions.defs()
        dg.Definitions.validate_loadable(loaded)
    assert {"wine_quality", "delivery_time"} <= {
        key.path[0] for key in loaded.resolve_asset_graph().get_all_asset_keys()
    }


def test_a_use_case_has_the_eight_assets_of_the_loop(graph):
    assert {key.path[1] for key in graph.get_all_asset_keys()} == ASSETS


@pytest.mark.parametrize("name", sorted(ASSETS))
def test_every_asset_says_what_it_is_and_whose(graph, name):
    node = graph.get(dg.AssetKey(["tiny", name]))
    assert node.description and len(node.description.split()) > 4
    assert node.owners == ["team:ml"]
    assert node.kinds
    assert node.group_name == "tiny"
    assert node.code_version


def test_batches_are_partitions_and_models_are_not(graph):
    partitioned = {key.path[1] for key in graph.get_all_asset_keys() if graph.get(key).is_partitioned}
    assert partitioned == {"raw_batch", "validated_batch", "drift_score"}


def test_the_assets_follow_each_other_as_the_loop_does(graph):
    parents = {
        key.path[1]: {parent.path[1] for parent in graph.get(key).parent_keys} for key in graph.get_all_asset_keys()
    }
    assert parents == {
        "raw_batch": set(),
        "validated_batch": {"raw_batch"},
        "drift_score": {"validated_batch"},
        "training_set": {"validated_batch"},
        "automl_model": {"training_set"},
        "registered_version": {"automl_model"},
        "verdict": {"registered_version"},
        "champion": {"verdict"},
    }


@pytest.mark.parametrize(
    ("job", "assets"),
    [
        ("tiny_batch", {"raw_batch", "validated_batch", "drift_score"}),
        ("tiny_train", {"training_set", "automl_model", "registered_version"}),
        ("tiny_decide", {"verdict", "champion"}),
        ("tiny_watch", {"drift_score"}),
    ],
)
def test_a_job_runs_its_assets_in_one_process(defs, job, assets):
    found = defs.resolve_job_def(job)
    assert {key.path[1] for key in found.asset_layer.selected_asset_keys} == assets
    assert found.executor_def is dg.in_process_executor
    assert found.tags["mlops/use_case"] == "tiny"
    assert found.description


def test_only_the_watch_job_checks_that_data_arrives(defs):
    def checked(job: str) -> bool:
        keys = defs.resolve_job_def(job).asset_layer.asset_graph.asset_check_keys
        return any(key.name == "batches_still_arrive" for key in keys)

    assert [checked(f"tiny_{verb}") for verb in ("batch", "train", "decide", "watch")] == [False, False, False, True]


def test_only_a_rejected_batch_stops_what_comes_after_it(graph):
    blocking = {key.name: graph.get(key).blocking for key in graph.asset_check_keys}
    assert blocking == {
        "batch_accepted": True,
        "no_drift": False,
        "good_enough": False,
        "traffic_split_as_set": False,
        "batches_still_arrive": False,
    }


def test_sensors_and_schedule_run_from_the_start(defs):
    sensors = {sensor.name: sensor.default_status for sensor in defs.sensors}
    assert sensors == dict.fromkeys(("tiny_landing", "tiny_retrain", "tiny_verdict"), dg.DefaultSensorStatus.RUNNING)
    (schedule,) = defs.schedules
    assert (schedule.name, schedule.cron_schedule) == ("tiny_daily_watch", "0 5 * * *")
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING


def test_a_stream_has_windows_beside_the_loop(tmp_path):
    found = definitions_of(open_tiny(tmp_path / "home", tiny_stream()))
    graph = found.resolve_asset_graph()
    keys = {key.path[1]: graph.get(key) for key in graph.get_all_asset_keys()}
    assert set(keys) == ASSETS | WINDOWS
    assert {parent.path[1] for parent in keys["window"].parent_keys} == {"validated_batch"}
    assert all(keys[name].partitions_def.name == "tiny_windows" for name in WINDOWS)
    assert {key.path[1] for key in found.resolve_job_def("tiny_window").asset_layer.selected_asset_keys} == WINDOWS
    assert "tiny_window" in {sensor.name for sensor in found.sensors}


def test_training_and_promotion_are_one_at_a_time():
    pools = {asset.key.path[1]: asset.op.pool for asset in build_assets(tiny()) if asset.op.pool}
    assert pools == {"automl_model": "training", "registered_version": "training", "champion": "promotion"}
