"""From a use case to its part of the graph."""

import dagster as dg

from mlops_assets.graph.automl_model import build_automl_model
from mlops_assets.graph.champion import build_champion
from mlops_assets.graph.drift_score import build_drift_score
from mlops_assets.graph.event_window import build_event_window
from mlops_assets.graph.freshness import build_freshness_check
from mlops_assets.graph.jobs import build_jobs
from mlops_assets.graph.keys import batch_partitions, window_partitions
from mlops_assets.graph.mlflow_run import build_mlflow_run, mlflow_key
from mlops_assets.graph.race import build_race
from mlops_assets.graph.raw_batch import build_raw_batch
from mlops_assets.graph.registered_version import build_registered_version
from mlops_assets.graph.schedule import build_watch_schedule
from mlops_assets.graph.sensors.landing import build_landing_sensor
from mlops_assets.graph.sensors.retrain import build_retrain_sensor
from mlops_assets.graph.sensors.verdict import build_verdict_sensor
from mlops_assets.graph.sensors.window import build_window_sensor
from mlops_assets.graph.training_set import build_training_set
from mlops_assets.graph.validated_batch import build_validated_batch
from mlops_assets.graph.verdict import build_verdict
from mlops_assets.graph.window_eda import build_window_eda
from mlops_assets.graph.window_loss import build_window_loss
from mlops_assets.spec import UseCase


def build_assets(use_case: UseCase) -> list[dg.AssetsDefinition]:
    """The assets of a use case, in the order of the loop."""
    partitions = batch_partitions(use_case)
    return [
        build_raw_batch(use_case, partitions),
        build_validated_batch(use_case, partitions),
        build_drift_score(use_case, partitions),
        build_training_set(use_case),
        build_automl_model(use_case),
        build_registered_version(use_case),
        build_verdict(use_case),
        build_champion(use_case),
        *(_stream_assets(use_case) if use_case.stream is not None else []),
    ]


def _stream_assets(use_case: UseCase) -> list[dg.AssetsDefinition]:
    partitions = window_partitions(use_case)
    return [
        build_event_window(use_case, partitions),
        build_window_eda(use_case, partitions),
        build_window_loss(use_case, partitions),
        build_race(use_case, partitions),
    ]


def build_definitions(use_case: UseCase) -> dg.Definitions:
    """Assets, checks, jobs, sensors, the schedule and the MLflow run of a use case."""
    return dg.Definitions(
        assets=build_assets(use_case),
        asset_checks=[build_freshness_check(use_case)],
        jobs=build_jobs(use_case),
        sensors=[
            build_landing_sensor(use_case),
            *([build_window_sensor(use_case)] if use_case.stream is not None else []),
            build_retrain_sensor(use_case),
            build_verdict_sensor(use_case),
        ],
        schedules=[build_watch_schedule(use_case)],
        resources={mlflow_key(use_case): build_mlflow_run(use_case)},
    )
