import json

import pytest

from resources.mlflow_client import open_client
from resources.tracking import DatasetInput, Run, log_run

pytestmark = pytest.mark.slow


def test_a_run_holds_all_of_its_value(registry, tmp_path):
    run = Run(
        "wine",
        "retrain 3",
        params={f"p{number}": number for number in range(150)},
        metrics={"accuracy": 0.56},
        tags={"dagster/run_id": "abc"},
        artifacts={"plots/confusion.png": b"\x89PNG", "report.md": "# Wine", "gate.json": {"passed": True}},
        tables={"leaderboard.json": [{"candidate": "forest", "accuracy": 0.5}, {"candidate": "dummy", "reason": "x"}]},
        datasets=[DatasetInput("training_set", "ab12" * 16, "lake/wine", profile={"rows": 100})],
    )
    run_id = log_run(registry.uri, registry.artifact_root, run)
    client = open_client(registry.uri)
    found = client.get_run(run_id)
    assert (found.info.status, found.info.run_name) == ("FINISHED", "retrain 3")
    assert len(found.data.params) == 150
    assert found.data.metrics == {"accuracy": 0.56}
    assert found.data.tags["dagster/run_id"] == "abc"
    (data,) = found.inputs.dataset_inputs
    assert (data.dataset.name, data.dataset.digest, data.tags[0].value) == (
        "training_set",
        ("ab12" * 16)[:36],
        "training",
    )
    folder = tmp_path / "artifacts" / "wine" / run_id / "artifacts"
    assert (folder / "plots" / "confusion.png").read_bytes() == b"\x89PNG"
    assert (folder / "report.md").read_text(encoding="utf-8") == "# Wine"
    assert json.loads((folder / "leaderboard.json").read_text(encoding="utf-8"))["columns"] == [
        "candidate",
        "accuracy",
        "reason",
    ]


def test_second_run_joins_the_experiment_and_may_be_failed(registry):
    log_run(registry.uri, registry.artifact_root, Run("wine", "one"))
    run_id = log_run(registry.uri, registry.artifact_root, Run("wine", "two", status="FAILED"))
    client = open_client(registry.uri)
    assert client.get_run(run_id).info.status == "FAILED"
    assert len(client.search_runs([client.get_experiment_by_name("wine").experiment_id])) == 2


def test_a_run_whose_logging_fails_ends_as_failed(registry):
    with pytest.raises(ValueError, match="could not convert"):
        log_run(registry.uri, registry.artifact_root, Run("wine", "bad", metrics={"accuracy": "much"}))
    client = open_client(registry.uri)
    (run,) = client.search_runs([client.get_experiment_by_name("wine").experiment_id])
    assert run.info.status == "FAILED"
