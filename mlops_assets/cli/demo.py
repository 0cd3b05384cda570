"""`mlops demo`: the whole loop on a story, in a home of its own."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from mlops_assets.cli.console import out, say, show, show_json
from mlops_assets.cli.opening import open_installation
from mlops_assets.cli.services import free_port
from mlops_assets.cli.story import Outcome, tell_story
from mlops_assets.demo.stage import Stage
from mlops_assets.use_cases.load import find_use_case
from resources.settings import read_settings

MARK = ".demo"
HASTE = ("retrain.cooldown_s=0", "landing.quiet_s=0")  # what a story of two minutes cannot wait for
COMMAND_WIDTH = 72


def demo(
    use_case: Annotated[str, typer.Option(help="whose story: wine_quality, delivery_time, ...")] = "wine_quality",
    data: Annotated[Path | None, typer.Option(help="folder with the real files; none = rows made for the demo")] = None,
    engine: Annotated[str, typer.Option(help="pycaret or lean")] = "pycaret",
    budget_s: Annotated[float, typer.Option(min=1, help="seconds for each of the two trainings")] = 30.0,
    json: Annotated[bool, typer.Option("--json", help="print one JSON object as the last line")] = False,
) -> None:
    """Red wine trains a champion; white wine brings drift, a challenger, traffic, a verdict and a promotion.

    With --use-case delivery_time: months of parcels, with windows of event time, then groceries too; review_rating:
    reviews of films, then of games; document_type: scans, then photos in another language, read by OCR. Without --data
    all rows are synthetic, and said so: wine from a statistical twin of the Wine Quality data set, orders from a few
    rules, reviews and papers from a small grammar.

    Example: mlops demo --use-case review_rating
    """
    from mlops_assets.demo import STAGES

    if use_case not in STAGES:
        raise ValueError(f"there is no demo of {use_case!r}; available: {', '.join(STAGES)}")
    stage = STAGES[use_case](data)
    home = _fresh_home(read_settings().root / "demo")
    families = f"training.families=[{','.join(stage.families)}]"
    asked = [f"training.engine={engine}", f"training.budget_s={budget_s:g}", families]
    shown = find_use_case(use_case, None, [*asked, *stage.settings, *HASTE])
    installation = open_installation({use_case: shown}, home=home, router_port=free_port())
    outcome = tell_story(installation, shown, stage, say)
    _final_screen(outcome, stage, home)
    if json:
        show_json(outcome.to_dict())


def _fresh_home(home: Path) -> Path:
    """An empty folder; one that a demo made before is emptied, any other is refused."""
    if home.exists() and any(home.iterdir()) and not (home / MARK).exists():
        raise ValueError(f"{home} is not empty and was not made by a demo; set MLOPS_HOME to another folder")
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    (home / MARK).touch()
    return home


def _final_screen(outcome: Outcome, stage: Stage, home: Path) -> None:
    from rich.table import Table

    table = Table(title=f"What happened ({stage.about})", title_justify="left", show_header=True)
    for column in ("", "first champion", "champion now"):
        table.add_column(column)
    first, last = outcome.first_champion, outcome.champion
    table.add_row("version", str(first.version), str(last.version))
    held_out = f"{first.metric} on {outcome.held_out} held-out rows of {stage.new}"
    table.add_row(held_out, f"{first.value:.3f}", f"{last.value:.3f}")
    out.print(table)
    low, high = outcome.difference["low"], outcome.difference["high"]
    show(f"The loss fell by {outcome.difference['estimate']:.3f} (95 % interval {low:.3f} to {high:.3f}).")
    for alarm in outcome.alarms:
        what = f"drift, worst {alarm['worst_column']}" if alarm["drifted"] else "no alarm"
        show(f"  batch {alarm['batch']}: {what}")
    show(f"  verdict after {outcome.labels_used} labels: {outcome.verdict}; {outcome.seconds:.0f} s in all")
    show()
    show("Next:")
    place = f"MLOPS_HOME={_short(home)}"
    for command, about in (
        (f"{place} .venv/bin/mlops up", "the graph, the MLflow runs and the A/B page"),
        (f"{place} .venv/bin/mlops report summary {outcome.use_case}", "one page about all of it"),
        (f"{place} .venv/bin/mlops verify --all", "each decision, judged again from its certificate's files"),
        (f"{place} .venv/bin/mlops rollback {outcome.use_case}", "the first champion again"),
        (".venv/bin/mlops use-case init YOUR.csv --target COLUMN", "your own data, in three steps: see README.md"),
    ):
        show(f"  {command:<{COMMAND_WIDTH}}  {about}")


def _short(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
