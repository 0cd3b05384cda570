"""`mlops report`: pages and files about a use case, written below its home."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mlops_assets.cli.console import say, show
from mlops_assets.cli.opening import open_installation, pick
from mlops_assets.spec import UseCase
from resources.installation import Installation

if TYPE_CHECKING:
    from mlops_assets.graph.steps.eda import Explored

EDA = "eda"

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
    installation = open_installation()
    chosen = pick(installation, use_case)
    target = _folder(installation, use_case, folder)
    if window is not None:
        show(str(_copy_page(installation, chosen, window, target)))
    elif _write_eda(installation, chosen, target) is None:
        say(f"{use_case} has no accepted row yet, so there is nothing to explore")
    else:
        show(str(target / EDA / "all.html"))


@app.command()
def summary(
    use_case: Annotated[str, typer.Argument(help="name of a use case")],
    folder: Annotated[Path | None, typer.Option(help="where to write; default: reports/ in the home")] = None,
) -> None:
    """One page: data, champions, verdicts, retrains and what they gained, explanations, drift; no script, prints well.

    Example: mlops report summary wine_quality
    """
    from mlops_assets.graph.steps.summary import summary_facts
    from mlops_assets.report.summary import summary_html

    installation = open_installation()
    chosen = pick(installation, use_case)
    target = _folder(installation, use_case, folder)
    facts = summary_facts(installation, chosen, _write_eda(installation, chosen, target))
    path = target / "summary.html"
    path.write_text(summary_html(chosen, {**facts, "links": _links(installation, chosen, target)}), encoding="utf-8")
    show(str(path))


def _folder(installation: Installation, name: str, folder: Path | None) -> Path:
    found = folder or installation.settings.root / "reports" / name
    found.mkdir(parents=True, exist_ok=True)
    return found


def _write_eda(installation: Installation, use_case: UseCase, target: Path) -> "Explored | None":
    """All accepted rows explored, the page of it written with those of the windows; None where there is no row."""
    from mlops_assets.graph.steps.eda import explore_all

    explored = explore_all(installation, use_case)
    if not explored.found.rows:
        return None
    (target / EDA).mkdir(exist_ok=True)
    for name in installation.lake.names(use_case.name, EDA):
        (target / EDA / name).write_bytes(installation.lake.read_bytes(use_case.name, EDA, name))
    (target / EDA / "all.html").write_text(explored.html, encoding="utf-8")
    return explored


def _copy_page(installation: Installation, use_case: UseCase, window: str, target: Path) -> Path:
    """The page of a window, copied from the lake."""
    pages = installation.lake.names(use_case.name, EDA)
    known = [one.removesuffix(".html") for one in pages if one != "all.html"]
    if window not in known:
        raise ValueError(
            f"window {window!r} of {use_case.name} has no page; those that have: {', '.join(known) or 'none yet'}"
        )
    path = target / EDA / f"{window}.html"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(installation.lake.read_bytes(use_case.name, EDA, path.name))
    return path


def _links(installation: Installation, use_case: UseCase, target: Path) -> dict[str, str]:
    """What lies in files near the page."""
    found = {"what the data looks like": target / EDA / "all.html", "the newest experiment": target / "ab.html"}
    pages = sorted((installation.settings.root / "certificates" / use_case.name).glob("*.html"))
    found |= {"the newest certificate": pages[-1]} if pages else {}
    return {name: os.path.relpath(path, target) for name, path in found.items() if path.exists()}
