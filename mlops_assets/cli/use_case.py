"""`mlops use-case`: a use case from a file, and a check of what is written."""

from pathlib import Path
from typing import Annotated

import typer

from mlops_assets.cli.console import say, show, show_json
from mlops_assets.cli.words import counted, quoted
from mlops_assets.use_cases.load import find_use_case, load_use_case, load_use_cases
from resources.settings import read_settings

app = typer.Typer(help="Make, check and list use cases.", no_args_is_help=True)


@app.command()
def init(
    file: Annotated[Path, typer.Argument(help="CSV, Parquet or JSON lines", exists=True, dir_okay=False)],
    target: Annotated[str, typer.Option(help="column to predict")],
    time: Annotated[str | None, typer.Option(help="column that orders the rows")] = None,
    name: Annotated[str | None, typer.Option(help="name of the use case; default: from the file's name")] = None,
    force: Annotated[bool, typer.Option("--force", help="overwrite a use case of that name")] = False,
) -> None:
    """Write a complete, commented YAML for a file, with what was inferred shown.

    Example: mlops use-case init trips.parquet --target duration --time pickup_at
    """
    from mlops_assets.use_cases.infer import infer_use_case
    from mlops_assets.use_cases.write import commented_yaml

    inferred = infer_use_case(file.read_bytes(), name or file.stem, target, time)
    folder = read_settings().own_use_cases
    path = folder / f"{inferred.name}.yaml"
    if path.exists() and not force:
        raise ValueError(f"{path} exists; name another with --name, or overwrite it with --force")
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(commented_yaml(inferred), encoding="utf-8")
    use_case = load_use_case(path)
    judged = f"judged by {use_case.training.metric}, {counted(len(use_case.features), 'feature')}"
    say(f"{use_case.name}: {use_case.task} of {use_case.target!r}, {judged}")
    for column in use_case.columns:
        if column not in (use_case.target, *use_case.features, *use_case.request_columns):
            say(f"  not learnt from: {column} ({inferred.reasons.get(f'columns.{column}', 'derived')})")
    show(str(path))
    say("next: read it, then")
    say(f"  mlops land {quoted(file)} --use-case {use_case.name}")
    say(f"  mlops run --once {use_case.name}")


@app.command()
def check(
    names: Annotated[list[str] | None, typer.Argument(help="use cases or files; none = all")] = None,
) -> None:
    """Load use cases and say what is wrong with them, if anything.

    Example: mlops use-case check wine_quality
    """
    own = read_settings().own_use_cases
    found = [
        load_use_case(Path(name)) if name.endswith((".yaml", ".yml")) else find_use_case(name, own)
        for name in names or load_use_cases(own)
    ]
    for use_case in found:
        features = counted(len(use_case.features), "feature")
        show(f"{use_case.name}: good; {use_case.task} of {use_case.target!r}, {features}")


@app.command("list")
def list_all(json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False) -> None:
    """The use cases that there are.

    Example: mlops use-case list
    """
    found = load_use_cases(read_settings().own_use_cases)
    if json:
        show_json({name: use_case.description for name, use_case in found.items()})
        return
    for name, use_case in found.items():
        show(f"{name:<24} {use_case.description}")
