"""The MLflow run of a Dagster run, bound by dagster-mlflow and imported only when a run needs it."""

import warnings
from collections.abc import Iterator
from typing import Any

import dagster as dg

from mlops_assets.spec import UseCase
from resources.tracking import end_orphans, ensure_experiment


def mlflow_key(use_case: UseCase) -> str:
    """Resource key of the use case's MLflow run; each use case has its own experiment."""
    return f"mlflow_{use_case.name}"


def build_mlflow_run(use_case: UseCase) -> dg.ResourceDefinition:
    """A resource that is dagster-mlflow's `MlFlow`: one MLflow run tagged with the Dagster run's id.

    It is ended with the Dagster run, so that two runs in one process never share one; `end_failed` is the hook that
    marks it failed.
    """

    @dg.resource(
        description="The MLflow run tagged with this Dagster run's id.", required_resource_keys={"installation"}
    )
    def mlflow(context: dg.InitResourceContext) -> Iterator[Any]:
        settings = context.resources.installation.settings
        ensure_experiment(settings.mlflow_address, settings.artifact_root, use_case.name)
        end_orphans(settings.mlflow_address, use_case.name, lambda run_id: _is_over(context, run_id))
        run = _open(context, {"experiment_name": use_case.name, "mlflow_tracking_uri": settings.mlflow_address})
        yield run
        run.end_run()

    return mlflow


def build_end_failed(use_case: UseCase) -> dg.HookDefinition:
    """The hook that ends the MLflow run as failed when its asset fails."""

    @dg.failure_hook(name=f"{mlflow_key(use_case)}_end_failed", required_resource_keys={mlflow_key(use_case)})
    def end_failed(context: dg.HookContext) -> None:
        getattr(context.resources, mlflow_key(use_case)).end_run(status="FAILED")

    return end_failed


def _is_over(context: dg.InitResourceContext, run_id: str) -> bool:
    found = context.instance.get_run_by_id(run_id) if context.instance else None
    return found is not None and found.is_finished


def _open(context: dg.InitResourceContext, config: dict[str, Any]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # dagster-mlflow is marked beta and imports deprecated parts of Dagster
        from dagster_mlflow.resources import MlFlow

        return MlFlow(context.replace_config({**config, "env": {}, "extra_tags": {}}))
