"""From files to runs: each new content hash becomes one partition and one run."""

import dagster as dg

from mlops_assets.graph.keys import batch_partitions, job_name, run_tags
from mlops_assets.spec import UseCase
from resources.installation import Installation


def build_landing_sensor(use_case: UseCase) -> dg.SensorDefinition:
    """The sensor over a use case's sources.

    Its cursor is the number of the last ledger row it asked a run for. Dagster stores it with the tick, before the
    runs are submitted, so that an interrupted tick is resumed; a lost cursor only repeats run keys that Dagster knows,
    and batches that were decided are never asked for again.
    """
    partitions = batch_partitions(use_case)

    @dg.sensor(
        name=f"{use_case.name}_landing",
        description=f"New batches of {use_case.name}: waits until a file is whole, knows each by its content.",
        job_name=job_name(use_case, "batch"),
        minimum_interval_seconds=5,
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def landing(
        context: dg.SensorEvaluationContext, installation: dg.ResourceParam[Installation]
    ) -> dg.SensorResult | dg.SkipReason:
        from resources.landing.scan import scan
        from resources.state import ledger

        found = scan(use_case, installation.settings, installation.state, installation.clock)
        with installation.state.read() as connection:
            batches = ledger.pending(
                connection, use_case.name, int(context.cursor or 0), use_case.landing.runs_per_tick
            )
        for sentence in found.refusals:
            context.log.warning(sentence)
        if not batches:
            return dg.SkipReason(found.sentence)
        return dg.SensorResult(
            run_requests=[
                dg.RunRequest(
                    run_key=f"{use_case.name}:{batch.key}",
                    partition_key=batch.key,
                    tags=run_tags(use_case, batch=batch.name),
                )
                for batch in batches
            ],
            dynamic_partitions_requests=[partitions.build_add_request([batch.key for batch in batches])],
            cursor=str(batches[-1].id),
        )

    return landing
