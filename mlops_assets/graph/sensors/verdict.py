"""From new labels to a verdict."""

import dagster as dg

from mlops_assets.graph.keys import job_name, run_tags
from mlops_assets.spec import UseCase
from resources.installation import Installation


def build_verdict_sensor(use_case: UseCase) -> dg.SensorDefinition:
    """The sensor that asks for a verdict whenever labels came in that no verdict has seen, or became old enough.

    It asks also where a decision has no certificate yet: a router or a command made it, or a process died.

    It keeps no cursor: the last verdict in the state database says which label was the newest that it saw. A label that
    was corrected is new again.
    """

    @dg.sensor(
        name=f"{use_case.name}_verdict",
        description=f"Judges champion against challenger of {use_case.name} when labels arrived.",
        job_name=job_name(use_case, "decide"),
        minimum_interval_seconds=10,
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def verdict(
        context: dg.SensorEvaluationContext, installation: dg.ResourceParam[Installation]
    ) -> dg.RunRequest | dg.SkipReason:
        from resources.state import promotions
        from resources.state.labels import newest_label
        from resources.state.retrains import challenger_version
        from resources.state.verdicts import last_verdict

        if (certificate := _certificate_due(context, installation, use_case)) is not None:
            # Dagster asks once for a key: the hour in it lets a run that failed be asked for again.
            key = f"{use_case.name}:certificate:{certificate}:{installation.clock():%Y-%m-%dT%H}"
            return dg.RunRequest(run_key=key, tags=run_tags(use_case))
        with installation.state.read() as connection:
            champion = promotions.current(connection, use_case.name)
            challenger = challenger_version(connection, use_case.name)
            if champion is None or challenger is None:
                return dg.SkipReason("no challenger is under test")
            newest = newest_label(connection, use_case.name, champion, challenger)
            last = last_verdict(connection, use_case.name, champion, challenger)
        look_at = last.look_at if last else None
        ripe = look_at is not None and look_at <= installation.clock()
        if newest <= (last.label_id if last else 0) and not ripe and not (last and last.takes_over):
            return dg.SkipReason(f"version {challenger} against {champion}: no label is new")
        key = f"{use_case.name}:{champion}:{challenger}:{newest}"
        return dg.RunRequest(run_key=f"{key}:{look_at}" if ripe else key, tags=run_tags(use_case))

    return verdict


def _certificate_due(context: dg.SensorEvaluationContext, installation: Installation, use_case: UseCase) -> str | None:
    from mlops_assets.certificate.certificate import CertificateError
    from mlops_assets.graph.steps.certify import due

    try:
        return due(installation, use_case)
    except CertificateError as error:  # the run that would write the next one fails with it; labels are judged on
        context.log.error(str(error))
        return None
