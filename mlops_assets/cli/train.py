"""`mlops train`: one retrain now, with settings of this one run."""

from typing import Annotated

import typer

from mlops_assets.cli.console import say, show, show_json
from mlops_assets.cli.opening import open_installation, pick


def train(
    use_case: Annotated[str, typer.Argument(help="name of a use case")],
    overrides: Annotated[list[str] | None, typer.Argument(help="key.sub=value, over the YAML file")] = None,
    json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
) -> None:
    """Train on the accepted batches now and register the result, whatever the sensors think.

    Example: mlops train delivery_time training.engine=lean training.budget_s=20
    """
    import dagster as dg

    from mlops_assets.definitions import definitions_of
    from mlops_assets.graph.dead_runs import RESIDENT_TAG, this_process
    from mlops_assets.graph.keys import job_name, run_tags
    from mlops_assets.graph.narration import NARRATED, failures, narrated
    from mlops_assets.use_cases.load import find_use_case
    from resources.installation import Installation
    from resources.state.retrains import find_retrain

    installation = open_installation()
    pick(installation, use_case)
    changed = find_use_case(use_case, installation.settings.own_use_cases, overrides or [])
    installation = Installation(installation.settings, {use_case: changed})
    say(f"{use_case}: training with engine {changed.training.engine}, budget {changed.training.budget_s:g} s")
    with dg.DagsterInstance.get() as instance:
        definitions = narrated(definitions_of(installation), lambda line: say(f"  {line}"))
        result = definitions.resolve_job_def(job_name(changed, "train")).execute_in_process(
            instance=instance,
            run_config=NARRATED,
            tags={**run_tags(changed, cause="asked for on the command line"), RESIDENT_TAG: this_process()},
            raise_on_error=False,
        )
    if not result.success:
        raise RuntimeError(f"{use_case}: {'; '.join(failures(result))} (run {result.run_id})")
    with installation.state.read() as connection:
        retrain = find_retrain(connection, use_case, result.run_id)
    if retrain is None:
        raise RuntimeError(f"{use_case}: run {result.run_id} left no retrain; see it in Dagster")
    if json:
        show_json(
            {"use_case": use_case, "status": retrain.status, "version": retrain.version, "reason": retrain.reason}
        )
    else:
        show(f"{use_case}: {retrain.status}" + (f", version {retrain.version}" if retrain.version else ""))
        show(retrain.reason or "")
