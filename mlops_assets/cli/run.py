"""`mlops run`: the loop in one warm process, without the daemon."""

import time
from dataclasses import asdict
from typing import Annotated

import typer

from mlops_assets.cli.console import say, show, show_json
from mlops_assets.cli.opening import open_installation, pick


def run(
    use_case: Annotated[list[str] | None, typer.Argument(help="use cases to look at; none = all")] = None,
    once: Annotated[bool, typer.Option("--once", help="stop when nothing is pending (the default)")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="stay, and look again every few seconds")] = False,
    every_s: Annotated[float, typer.Option(min=0.1, help="seconds between two looks with --watch")] = 5.0,
    json: Annotated[bool, typer.Option("--json", help="print one JSON object a run")] = False,
) -> None:
    """Evaluate every sensor and execute what it asks for, in one warm process.

    Example: mlops run --once wine_quality
    """
    if once and watch:
        raise ValueError("--once and --watch exclude each other; name one")
    from filelock import FileLock

    installation = open_installation()
    for name in use_case or []:
        pick(installation, name)
    with FileLock(installation.settings.root / ".resident.lock", timeout=0.1):
        _loop(installation, use_case or [], every_s if watch else None, json)


def _loop(installation, names: list[str], every_s: float | None, json: bool) -> None:  # type: ignore[no-untyped-def]
    import dagster as dg

    from mlops_assets.definitions import definitions_of
    from mlops_assets.graph.resident import Resident
    from resources.mlflow_client import briefly
    from resources.promotion import reconcile_all

    with briefly():  # a retrain is worth waiting for a server that comes back, and a first look is not
        reconcile_all(installation, names)
    with dg.DagsterInstance.get() as instance:
        resident = Resident(definitions_of(installation), instance, names, progress=say)
        while True:
            ran = resident.run_once()
            if json:
                for done in ran:
                    show_json(asdict(done))
            elif ran or every_s is None:
                show(_summary(ran, resident.failed))
            if every_s is None:
                break
            time.sleep(every_s)
    if resident.failed or any(not done.success for done in ran):
        raise typer.Exit(1)


def _summary(ran, failed_sensors: set[str]) -> str:  # type: ignore[no-untyped-def]
    """How the runs ended, in a line."""
    failed = sum(not done.success for done in ran)
    if failed_sensors:
        return f"{len(ran)} runs, and {', '.join(sorted(failed_sensors))} could not tell what is pending"
    if not ran:
        return "nothing was pending"
    runs = "1 run" if len(ran) == 1 else f"{len(ran)} runs"
    return f"{runs}, {f'{failed} failed' if failed else 'all done'}; next: mlops status"
