"""`mlops log`: the prediction log taken out of the database, and what is old removed from it."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from mlops_assets.cli.console import say, show
from mlops_assets.cli.log_files import TELL_EVERY, Format, write_log
from mlops_assets.cli.opening import open_installation, pick
from mlops_assets.cli.span import parse_span
from resources.installation import Installation
from resources.state.prune import Pruning, count_old, prune_block
from resources.state.prune_documents import count_documents, prune_documents

BY = "mlops log prune"
PAUSE_S = 0.02  # between two transactions, so that whoever logs gets its turn

app = typer.Typer(help="The prediction log: export it, prune it.", no_args_is_help=True)


@app.command()
def export(
    use_case: Annotated[str, typer.Argument(help="name of a use case")],
    form: Annotated[Format, typer.Option("--format", help="kind of file")] = "parquet",
    since: Annotated[
        str | None, typer.Option(help="from this moment on, ISO 8601; UTC unless it says otherwise")
    ] = None,
    until: Annotated[str | None, typer.Option(help="before this moment, likewise")] = None,
    file: Annotated[Path | None, typer.Option("--out", help="the file; default: in reports/ of the home")] = None,
) -> None:
    """Write every answer with its versions, values, features and truth into one file, in bounded memory.

    Example: mlops log export wine_quality --format csv --since 2026-03-01
    """
    from resources.state.export import Wanted, export_blocks

    installation = open_installation()
    chosen = pick(installation, use_case)
    wanted = Wanted(use_case, _moment("--since", since), _moment("--until", until))
    path = file or installation.settings.root / "reports" / use_case / f"predictions.{form}"
    say(f"writing the answers of {use_case} into {path}")
    count = write_log(path, form, chosen, export_blocks(installation.state, wanted), say)
    say(f"{count:,} answers")
    show(str(path))


@app.command()
def prune(
    use_case: Annotated[str, typer.Argument(help="name of a use case")],
    older_than: Annotated[str, typer.Option(help="age of what goes: 90d, 12h, 30m")],
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """Remove old answers with their labels, feedback and documents; those of a running experiment stay, and all counts.

    Example: mlops log prune wine_quality --older-than 90d
    """
    installation = open_installation()
    pick(installation, use_case)
    before = installation.clock() - parse_span("--older-than", older_than)
    pruning = Pruning(use_case, before, _running(installation, use_case))
    say(f"{use_case}: counting the answers from before {before:%Y-%m-%d %H:%M} UTC")
    with installation.state.read() as connection:
        going, staying = count_old(connection, pruning)
        documents = count_documents(connection, use_case, before)
    show(f"{use_case}: {going:,} answers go, with their labels and feedback")
    if pruning.running is not None:
        champion, challenger = pruning.running
        show(f"{use_case}: {staying:,} stay, for version {challenger} is under test against version {champion}")
    if documents:
        show(f"{use_case}: {documents:,} documents are as old; those that no answer rests on then go too")
    if going + documents == 0:
        return
    if not yes:
        typer.confirm("remove them for good?", abort=True)
    show(f"{use_case}: {_remove(installation, pruning):,} answers removed")
    removed = _remove_beside(installation, pruning)
    if documents:
        show(f"{use_case}: {removed:,} documents removed")


def _remove_beside(installation: Installation, pruning: Pruning) -> int:
    """How many documents went; the series of minutes go too, and the units of ended experiments."""
    from resources.state.minutes import delete_minutes
    from resources.state.units import forget_units

    with installation.state.write() as connection:
        delete_minutes(connection, pruning.use_case, pruning.before)
        forget_units(connection, pruning.use_case, pruning.running)
    return prune_documents(installation.state, installation.lake, pruning.use_case, pruning.before)


def _remove(installation: Installation, pruning: Pruning) -> int:
    """How many went, which an audit row tells, also when this is interrupted."""
    from resources.state import audit

    removed, next_line = 0, TELL_EVERY
    after: int | None = 0
    try:
        while after is not None:
            gone, after = prune_block(installation.state, pruning, after)
            removed += gone
            if removed >= next_line:
                say(f"{removed:,} answers removed so far")
                next_line += TELL_EVERY
            time.sleep(PAUSE_S)
    finally:
        done = {"removed": removed, "before": pruning.before.isoformat()}
        with installation.state.write() as connection:
            change = audit.Change(BY, "prune", installation.clock(), pruning.use_case, None, done)
            audit.record(connection, change)
    return removed


def _running(installation: Installation, use_case: str) -> tuple[int, int] | None:
    """Champion and challenger of the experiment that is not decided yet."""
    from resources.state import promotions
    from resources.state.retrains import challenger_version

    with installation.state.read() as connection:
        champion = promotions.current(connection, use_case)
        challenger = challenger_version(connection, use_case)
    return None if champion is None or challenger is None else (champion, challenger)


def _moment(option: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{option} {text!r}: a date or time is due: 2026-03-01 or 2026-03-01T12:00:00+01:00") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
