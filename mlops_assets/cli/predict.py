"""`mlops predict`: a file through a registered version."""

from pathlib import Path
from typing import Annotated

import typer

from mlops_assets.cli.console import say, show
from mlops_assets.cli.opening import open_installation, pick


def predict(
    file: Annotated[Path, typer.Argument(help="a file in the use case's format", exists=True, dir_okay=False)],
    use_case: Annotated[str, typer.Option(help="name of the use case")],
    model: Annotated[str, typer.Option(help="champion, challenger or a version's number")] = "champion",
    output: Annotated[Path | None, typer.Option(help="CSV to write; default: beside FILE")] = None,
) -> None:
    """Answer every row of a file with a registered version; writes the rows with a column of predictions.

    Example: mlops predict wines.csv --use-case wine_quality --model champion
    """
    from mlops_assets.decode.table import decode_batch
    from mlops_assets.graph.steps.models import open_version
    from mlops_assets.training.features import feature_frame

    installation = open_installation()
    chosen = pick(installation, use_case)
    version = _version(installation, use_case, model)
    opened = open_version(installation, chosen, version)
    frame = decode_batch(file.read_bytes(), chosen)
    answers = opened.bundle.predict(feature_frame(frame, chosen))
    frame = frame.drop(columns="_unparsable").assign(prediction=answers.values, model_version=version)
    path = output or file.with_name(f"{file.stem}-predicted.csv")
    frame.to_csv(path, index=False)
    say(f"{len(frame)} rows answered by version {version} of {use_case}")
    show(str(path))


def _version(installation, name: str, model: str) -> int:  # type: ignore[no-untyped-def]
    from resources.state import promotions
    from resources.state.retrains import challenger_version

    if model.isdigit():
        return int(model)
    if model not in ("champion", "challenger"):
        raise ValueError(f"--model: {model!r} is neither champion, challenger nor a version's number")
    with installation.state.read() as connection:
        found = promotions.current(connection, name) if model == "champion" else challenger_version(connection, name)
    if found is None:
        raise ValueError(f"{name}: there is no {model} yet; land data and run mlops run --once {name}")
    return found
