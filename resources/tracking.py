"""One MLflow run per retrain, logged from one value."""

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from resources.mlflow_client import open_client, open_experiment

PARAMS_PER_CALL = 100
METRICS_PER_CALL = 1000
PARAM_LENGTH = 6000


@dataclass(frozen=True)
class DatasetInput:
    """Data a run was trained or judged on; `digest` identifies its content, `context` says what for."""

    name: str
    digest: str
    source: str
    context: str = "training"
    profile: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """What one retrain leaves behind.

    `artifacts` maps a path to its content: bytes as they are, str as UTF-8 text, anything else as JSON. `tables` maps a
    path ending in .json to rows; MLflow's page shows them as tables, the leaderboard among them.
    """

    experiment: str
    name: str
    params: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    artifacts: Mapping[str, Any] = field(default_factory=dict)
    tables: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    datasets: Sequence[DatasetInput] = ()
    status: Literal["FINISHED", "FAILED"] = "FINISHED"


def create_tracking_database(uri: str) -> None:
    """MLflow's tables at a database address, made by one process before others need them."""
    open_client(uri).search_experiments(max_results=1)


def ensure_experiment(uri: str, artifact_root: str, name: str) -> str:
    """Id of an experiment whose artefacts lie below `artifact_root`."""
    return open_experiment(open_client(uri), name, uri, artifact_root)


def fill_run(uri: str, run_id: str, run: Run) -> None:
    """Log all of `run` into an MLflow run that someone else began and will end."""
    client = open_client(uri)
    for name, value in {"mlflow.runName": run.name, **run.tags}.items():
        client.set_tag(run_id, name, value)
    _log_all(client, run_id, run)


def end_orphans(uri: str, experiment: str, is_over: Callable[[str], bool]) -> int:
    """Number of MLflow runs ended as KILLED because the Dagster run that began them is over."""
    client = open_client(uri)
    found = client.get_experiment_by_name(experiment)
    running = client.search_runs([found.experiment_id], "attributes.status = 'RUNNING'") if found else []
    orphans = [run.info.run_id for run in running if is_over(run.data.tags.get("dagster_run_id", ""))]
    for run_id in orphans:
        client.set_terminated(run_id, status="KILLED")
    return len(orphans)


def log_run(uri: str, artifact_root: str, run: Run) -> str:
    """Id of a new MLflow run that holds all of `run`; it ends as FAILED when logging itself fails."""
    client = open_client(uri)
    experiment_id = open_experiment(client, run.experiment, uri, artifact_root)
    run_id = str(client.create_run(experiment_id, run_name=run.name, tags=dict(run.tags)).info.run_id)
    ended = "FAILED"
    try:
        _log_all(client, run_id, run)
        ended = run.status
    finally:
        client.set_terminated(run_id, status=ended)
    return run_id


def _log_all(client: Any, run_id: str, run: Run) -> None:
    _log_numbers(client, run_id, run)
    _log_datasets(client, run_id, run.datasets)
    _log_files(client, run_id, run.artifacts)
    for path, rows in run.tables.items():
        client.log_table(run_id, _columns(rows), path)


def _log_numbers(client: Any, run_id: str, run: Run) -> None:
    from mlflow.entities import Metric, Param

    now = int(client.get_run(run_id).info.start_time)
    params = [Param(name, str(value)[:PARAM_LENGTH]) for name, value in run.params.items()]
    metrics = [Metric(name, float(value), now, 0) for name, value in run.metrics.items()]
    for part in _parts(params, PARAMS_PER_CALL):
        client.log_batch(run_id, params=part)
    for part in _parts(metrics, METRICS_PER_CALL):
        client.log_batch(run_id, metrics=part)


def _log_datasets(client: Any, run_id: str, datasets: Sequence[DatasetInput]) -> None:
    from mlflow.entities import Dataset, InputTag
    from mlflow.entities import DatasetInput as MlflowInput

    inputs = [
        MlflowInput(
            Dataset(one.name, one.digest[:36], "local", json.dumps({"uri": one.source}), None, json.dumps(one.profile)),
            [InputTag("mlflow.data.context", one.context)],
        )
        for one in datasets
    ]
    if inputs:
        client.log_inputs(run_id, inputs)


def _log_files(client: Any, run_id: str, artifacts: Mapping[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, content in artifacts.items():
            path = Path(folder, PurePosixPath(name).name)
            path.write_bytes(_bytes(content))
            parent = PurePosixPath(name).parent
            client.log_artifact(run_id, str(path), None if parent == PurePosixPath(".") else str(parent))


def _bytes(content: Any) -> bytes:
    if isinstance(content, bytes):
        return content
    return (content if isinstance(content, str) else json.dumps(content, indent=2, default=str)).encode()


def _columns(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    names = list(dict.fromkeys(name for row in rows for name in row))
    return {name: [row.get(name) for row in rows] for name in names}


def _parts(values: list[Any], size: int) -> Iterator[list[Any]]:
    return (values[start : start + size] for start in range(0, len(values), size))
