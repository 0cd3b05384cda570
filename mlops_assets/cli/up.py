"""`mlops up`: everything a person looks at, until Ctrl-C."""

import signal
import time
from typing import Annotated
from urllib.parse import urlsplit

import typer

from mlops_assets.cli import services
from mlops_assets.cli.console import say, show
from mlops_assets.cli.opening import open_installation


def up(
    ready_s: Annotated[float, typer.Option(min=1, help="seconds to wait until each page answers")] = 180.0,
) -> None:
    """Start Dagster, the MLflow page and the router, print their addresses, stop all of them on Ctrl-C.

    Example: mlops up
    """
    from resources.mlflow_client import briefly
    from resources.promotion import reconcile_all

    installation = open_installation()
    settings = installation.settings
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell starts its background jobs deaf to the first
        signal.signal(number, signal.default_int_handler)
    wanted = services.all_services(settings)
    for service in wanted:
        address = urlsplit(service.probe)
        if services.is_taken(str(address.hostname), int(address.port or 0)):
            variable = f"MLOPS_{service.name.upper()}_PORT"
            raise RuntimeError(f"{address.netloc} is taken by another process; stop it, or set {variable}")
    with briefly():
        reconcile_all(installation)
    _bury_launched_runs()
    try:
        with services.running(wanted, settings.root / "logs", ready_s, say) as processes:
            for service in wanted:
                show(f"  {service.name:<8} {service.page}")
            show(f"  landing  {settings.landing_root}/<use case>/  (drop a file there)")
            show(f"  logs     {settings.root / 'logs'}")
            show("Ctrl-C stops all of them.")
            while all(process.poll() is None for process in processes):
                time.sleep(services.POLL_S)
            ended = [s.name for s, process in zip(wanted, processes, strict=True) if process.poll() is not None]
            raise services.ServiceError(f"{', '.join(ended)} ended; see {settings.root / 'logs'}")
    except KeyboardInterrupt:
        say("stopped")


def _bury_launched_runs() -> None:
    import dagster as dg

    from mlops_assets.graph.dead_runs import bury_launched_runs

    with dg.DagsterInstance.get() as instance:
        buried = bury_launched_runs(instance)
    if buried:
        say(f"{buried} run(s) of a daemon that was killed are marked failed; Dagster starts them again")
