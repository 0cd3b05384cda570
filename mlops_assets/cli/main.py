"""`mlops`: the commands of the loop. Errors are one sentence and exit code 2."""

import importlib.metadata
import sys
import warnings
from typing import Annotated

import typer

from mlops_assets.cli import (
    demo,
    doctor,
    history,
    keys,
    land,
    log,
    predict,
    report,
    rollback,
    routing,
    run,
    serve,
    simulate,
    status,
    trace,
    train,
    up,
    use_case,
    verify,
)
from mlops_assets.cli.console import complain, show
from mlops_assets.cli.help import readable

app = typer.Typer(
    name="mlops",
    epilog="Example: mlops demo, then MLOPS_HOME=.mlops/demo mlops up. Errors are one sentence and exit code 2.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


def _tell_version(wanted: bool) -> None:
    if wanted:
        show(f"mlops-assets {importlib.metadata.version('mlops-assets')}, Python {sys.version.split()[0]}")
        raise typer.Exit


@app.callback()
def start(
    version: Annotated[
        bool, typer.Option("--version", help="say the version and end", callback=_tell_version, is_eager=True)
    ] = False,
) -> None:
    """From a file in a folder to a promoted model: batches, checks, drift, retraining, A/B, verdict."""


app.command("demo")(demo.demo)
app.command("up")(up.up)
app.command("run")(run.run)
app.command("serve")(serve.serve)
app.command("land")(land.land)
app.command("train")(train.train)
app.command("predict")(predict.predict)
app.command("simulate")(simulate.simulate)
app.command("status")(status.status)
app.command("rollback")(rollback.rollback)
app.command("history")(history.history)
app.command("trace")(trace.trace)
app.command("verify")(verify.verify)
app.command("doctor")(doctor.doctor)
app.add_typer(use_case.app, name="use-case", epilog="Example: mlops use-case init trips.csv --target duration")
app.add_typer(keys.app, name="keys", epilog="Example: mlops keys create --role viewer --note ann")
app.add_typer(routing.app, name="routing", epilog="Example: mlops routing show wine_quality")
app.add_typer(log.app, name="log", epilog="Example: mlops log export wine_quality")
app.add_typer(report.app, name="report", epilog="Example: mlops report summary wine_quality")

USAGE = 2


def main() -> None:
    """Run a command; an error that a person can mend becomes one sentence, without a traceback."""
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    try:
        readable(app)()
    except (ValueError, OSError, RuntimeError, LookupError) as error:
        complain(f"{type(error).__name__}: {error}" if isinstance(error, LookupError) else str(error))
        sys.exit(USAGE)
