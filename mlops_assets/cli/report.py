"""`mlops report`: pages and files about a use case, written below its home."""

from pathlib import Path
from typing import Annotated, Any

import typer

from mlops_assets.cli.console import say, show
from mlops_assets.cli.opening import open_installation, pick
from mlops_assets.spec import UseCase
from resources.installation import Installation

app = typer.Typer(help="Pages and files about a use case.", no_args_is_help=True)


@app.command()
def ab(
    use_case: Annotated[str, typer.Argument(help="name of a use case")],
    folder: Annotated[Path | None, typer.Option(help="where to write; default: reports/ in the home")] = None,
) -> None:
    """The prediction log as CSV, and plots of traffic and of the interval over labels.

    Example: mlops report ab wine_quality
    """
    from mlops_assets.graph.steps.contest import read_differences
    from mlops_assets.report.ab import arms_png, interval_png

    installation = open_installation()
    chosen = pick(installation, use_case)
    target = _folder(installation, use_case, folder)
    count = _write_log(installation, use_case, target / "predictions.csv")
    say(f"{count} answers of {use_case}")
    show(str(target / "predictions.csv"))
    contest = read_differences(installation, chosen)
    if contest is None:
        say("no experiment has labels yet, so there is nothing to plot")
        return
    (target / "interval.png").write_bytes(interval_png(contest.differences, chosen.decision, contest.title))
    (target / "arms.png").write_bytes(arms_png(contest.arms, contest.title))
    show(str(target / "interval.png"))
    show(str(target / "arms.png"))


@app.command()
def summary(
    use_case: Annotated[str, typer.Argument(help="name of a use case")],
    folder: Annotated[Path | None, typer.Option(help="where to write; default: reports/ in the home")] = None,
) -> None:
    """One page: batches, drift, retrains, champions, verdicts; no script, prints well.

    Example: mlops report summary wine_quality
    """
    from mlops_assets.report.summary import summary_html

    installation = open_installation()
    chosen = pick(installation, use_case)
    path = _folder(installation, use_case, folder) / "summary.html"
    path.write_text(summary_html(chosen, _facts(installation, chosen)), encoding="utf-8")
    show(str(path))


def _folder(installation: Installation, name: str, folder: Path | None) -> Path:
    found = folder or installation.settings.root / "reports" / name
    found.mkdir(parents=True, exist_ok=True)
    return found


def _write_log(installation: Installation, name: str, path: Path) -> int:
    """Number of rows written; read and written in blocks, so that memory stays bounded."""
    import csv

    from resources.state.predictions import export_rows

    count = 0
    with installation.state.read() as connection, path.open("w", newline="", encoding="utf-8") as file:
        writer = None
        for row in export_rows(connection, name):
            writer = writer or csv.DictWriter(file, row)
            if count == 0:
                writer.writeheader()
            writer.writerow(row)
            count += 1
    return count


def _facts(installation: Installation, use_case: UseCase) -> dict[str, Any]:
    """What the page shows, newest first."""
    from resources.state import ledger, promotions, verdicts
    from resources.state.drift_log import latest_drift
    from resources.state.retrains import retrains_of

    with installation.state.read() as connection:
        facts: dict[str, Any] = {
            "batches": ledger.latest(connection, use_case.name, 50),
            "drift": latest_drift(connection, use_case.name, 50),
            "retrains": retrains_of(connection, use_case.name, 20),
            "champions": promotions.history(connection, use_case.name),
            "verdicts": verdicts.history(connection, use_case.name, 20),
        }
    facts["pictures"] = _pictures(installation, use_case, facts["drift"])
    return facts


def _pictures(installation: Installation, use_case: UseCase, events: Any) -> dict[str, bytes]:
    """The drift picture of the newest batch that drifted, if any."""
    for event in events:
        parts = (use_case.name, "reports", event.key, "drift.png")
        if event.status == "drift" and installation.lake.exists(*parts):
            return {f"Batch {event.key} against the training data": installation.lake.read_bytes(*parts)}
    return {}
