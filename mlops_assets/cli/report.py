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
    """The newest experiment as a document to print, and its interval over labels as a picture.

    Example: mlops report ab wine_quality
    """
    from mlops_assets.graph.steps.contest import read_differences
    from mlops_assets.graph.steps.experiment import read_experiment
    from mlops_assets.report.ab import ab_html
    from mlops_assets.report.interval_png import interval_png
    from resources.state.rules import as_judged
    from resources.state.verdicts import latest

    installation = open_installation()
    chosen = pick(installation, use_case)
    with installation.state.read() as connection:
        chosen = as_judged(chosen, latest(connection, use_case))
    experiment = read_experiment(installation, chosen)
    if experiment is None:
        say(f"{use_case} has had no experiment with a verdict yet, so there is nothing to report")
        return
    target = _folder(installation, use_case, folder)
    (target / "ab.html").write_text(ab_html(chosen, experiment), encoding="utf-8")
    show(str(target / "ab.html"))
    evidence = read_differences(installation, chosen) if chosen.routing.paired else None
    if evidence is not None:
        (target / "interval.png").write_bytes(interval_png(evidence.differences, evidence.decision, evidence.title))
        show(str(target / "interval.png"))


@app.command()
def eda(
    use_case: Annotated[str, typer.Argument(help="name of a use case")],
    window: Annotated[str | None, typer.Option(help="key of a closed window; none = all accepted rows")] = None,
    folder: Annotated[Path | None, typer.Option(help="where to write; default: reports/ in the home")] = None,
) -> None:
    """What the data looks like: target over time, distributions, missing values, associations, windows; one page each.

    Example: mlops report eda delivery_time
    """
    from mlops_assets.graph.steps.eda import explore_all

    installation = open_installation()
    chosen = pick(installation, use_case)
    target = _folder(installation, use_case, folder) / "eda"
    target.mkdir(exist_ok=True)
    if window is not None:
        show(str(_copy_page(installation, chosen, window, target)))
        return
    explored = explore_all(installation, chosen)
    if not explored.found.rows:
        say(f"{use_case} has no accepted row yet, so there is nothing to explore")
        return
    for name in installation.lake.names(use_case, "eda"):
        (target / name).write_bytes(installation.lake.read_bytes(use_case, "eda", name))
    (target / "all.html").write_text(explored.html, encoding="utf-8")
    show(str(target / "all.html"))


def _copy_page(installation: Installation, use_case: UseCase, window: str, target: Path) -> Path:
    """The page of a window, copied from the lake."""
    name = f"{window}.html"
    known = [one.removesuffix(".html") for one in installation.lake.names(use_case.name, "eda") if one != "all.html"]
    if window not in known:
        raise ValueError(
            f"window {window!r} of {use_case.name} has no page; those that have: {', '.join(known) or 'none yet'}"
        )
    (target / name).write_bytes(installation.lake.read_bytes(use_case.name, "eda", name))
    return target / name


@app.command()
def summary(
    use_case: Annotated[str, typer.Argument(help="name of a use case")],
    folder: Annotated[Path | None, typer.Option(help="where to write; default: reports/ in the home")] = None,
) -> None:
    """One page: batches, drift, retrains, champions with their certificates, verdicts; no script, prints well.

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


def _facts(installation: Installation, use_case: UseCase) -> dict[str, Any]:
    """What the page shows, newest first."""
    from mlops_assets.graph.steps.champions import line_of_champions
    from resources.state import ledger, verdicts
    from resources.state.drift_log import latest_drift
    from resources.state.retrains import retrains_of

    with installation.state.read() as connection:
        facts: dict[str, Any] = {
            "batches": ledger.latest(connection, use_case.name, 50),
            "drift": latest_drift(connection, use_case.name, 50),
            "retrains": retrains_of(connection, use_case.name, 20),
            "verdicts": verdicts.history(connection, use_case.name, 20),
        }
    facts["champions"] = line_of_champions(installation, use_case)
    facts["pictures"] = _pictures(installation, use_case, facts["drift"])
    return facts


def _pictures(installation: Installation, use_case: UseCase, events: Any) -> dict[str, bytes]:
    """The drift picture of the newest batch that drifted, if any."""
    for event in events:
        parts = (use_case.name, "reports", event.key, "drift.png")
        if event.status == "drift" and installation.lake.exists(*parts):
            return {f"Batch {event.key} against the training data": installation.lake.read_bytes(*parts)}
    return {}
