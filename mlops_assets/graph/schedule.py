"""A daily look at use cases that nobody drops files for."""

import dagster as dg

from mlops_assets.graph.keys import job_name, run_tags
from mlops_assets.spec import UseCase
from resources.installation import Installation


def build_watch_schedule(use_case: UseCase) -> dg.ScheduleDefinition:
    """The schedule that scores the newest accepted batch against today's champion again and checks freshness."""

    @dg.schedule(
        name=f"{use_case.name}_daily_watch",
        description=f"Once a day: drift of the newest batch of {use_case.name}, and whether data still arrives.",
        job_name=job_name(use_case, "watch"),
        cron_schedule="0 5 * * *",
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
    def daily_watch(
        context: dg.ScheduleEvaluationContext, installation: dg.ResourceParam[Installation]
    ) -> dg.RunRequest | dg.SkipReason:
        from resources.state import ledger

        with installation.state.read() as connection:
            accepted = ledger.accepted(connection, use_case.name)
        if not accepted:
            return dg.SkipReason("no batch was accepted yet; there is nothing to watch")
        return dg.RunRequest(partition_key=accepted[-1].key, tags=run_tags(use_case, watch="daily"))

    return daily_watch
