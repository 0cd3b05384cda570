"""From accepted batches to closed windows of event time: each becomes one partition and one run."""

import dagster as dg

from mlops_assets.graph.keys import job_name, run_tags, window_partitions
from mlops_assets.spec import UseCase
from resources.installation import Installation


def build_window_sensor(use_case: UseCase) -> dg.SensorDefinition:
    """The sensor that places accepted batches into windows, and asks for a run for each window that they close.

    It keeps no cursor: the state database says which batches are placed and which closed windows have no table yet.
    """
    partitions = window_partitions(use_case)

    @dg.sensor(
        name=f"{use_case.name}_window",
        description=f"Places the rows of {use_case.name} into windows of event time; asks for a run when one closes.",
        job_name=job_name(use_case, "window"),
        minimum_interval_seconds=10,
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def window(
        context: dg.SensorEvaluationContext, installation: dg.ResourceParam[Installation]
    ) -> dg.SensorResult | dg.SkipReason:
        from mlops_assets.graph.steps.placing import place_batches

        found = place_batches(installation, use_case)
        if not found.due:
            return dg.SkipReason(found.sentence)
        keys = [one.key for one in found.due]
        # Dagster asks once for a run key: the hour in it lets a run that failed be asked for again.
        hour = f"{installation.clock():%Y-%m-%dT%H}"
        return dg.SensorResult(
            run_requests=[
                dg.RunRequest(
                    run_key=f"{use_case.name}:window:{key}:{hour}", partition_key=key, tags=run_tags(use_case)
                )
                for key in keys
            ],
            dynamic_partitions_requests=[partitions.build_add_request(keys)],
        )

    return window
