"""`mlops predict`: a file through a registered version."""

from pathlib import Path
from typing import Annotated

import typer

from mlops_assets.cli.console import say, show
from mlops_assets.cli.opening import open_installation, pick

PROBABILITY_DIGITS = 6


def predict(
    file: Annotated[Path, typer.Argument(help="a file in the use case's format", exists=True, dir_okay=False)],
    use_case: Annotated[str, typer.Option(help="name of the use case")],
    model: Annotated[str, typer.Option(help="champion, challenger or a version's number")] = "champion",
    output: Annotated[Path | None, typer.Option(help="file to write; default: beside FILE")] = None,
) -> None:
    """Answer every row of a file with a registered version; writes the rows as they came, and what was predicted.

    A scan or an archive of scans gives a CSV of what was read and predicted.

    Example: mlops predict wines.csv --use-case wine_quality --model champion
    """
    from mlops_assets.decode import FORMATS
    from mlops_assets.decode.aside import Aside
    from mlops_assets.decode.encode import encode, encoded_suffix
    from mlops_assets.decode.table import UNPARSABLE, conform
    from mlops_assets.graph.steps.models import open_version
    from resources.document_store import BatchReadings
    from resources.mlflow_client import ask_briefly

    ask_briefly()
    installation = open_installation()
    chosen = pick(installation, use_case)
    version = _version(installation, use_case, model)
    opened = open_version(installation, chosen, version)
    raw = FORMATS[chosen.format.kind](file.read_bytes(), chosen, Aside(say, BatchReadings(installation.lake, use_case)))
    asked = opened.bundle.schema.use_case.model_copy(update={"format": chosen.format})
    frame = conform(raw, asked)
    lacking = [name for name in asked.request_columns if name not in frame]
    if len(lacking) == len(asked.request_columns):
        raise ValueError(f"{file} has none of the columns that {use_case} is predicted from: {', '.join(lacking)}")
    if lacking:
        say(f"{file} lacks {', '.join(lacking)}; the model takes them as missing")
    unread = int(frame[UNPARSABLE].notna().sum())
    raw = raw.drop(columns=UNPARSABLE, errors="ignore")
    if unread:
        say(f"{unread} rows hold a value that could not be read; the model takes it as missing")
    answers = opened.bundle.answer_table(frame)
    raw = raw.assign(prediction=answers.values, model_version=version)
    if answers.probabilities is not None:
        raw = raw.assign(probability=answers.probabilities.max(axis=1).round(PROBABILITY_DIGITS))
    if opened.bundle.abstention is not None and answers.probabilities is not None:
        abstained = opened.bundle.abstention.abstains(answers.probabilities, answers.conformity)
        raw = raw.assign(abstained=abstained)
        say(f"the model abstains from {int(abstained.sum())} of them: see the column abstained")
    path = output or file.with_name(f"{file.stem}-predicted{encoded_suffix(file.suffix, chosen)}")
    path.write_bytes(encode(raw, chosen))
    say(f"{len(raw)} rows answered by version {version} of {use_case}")
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
