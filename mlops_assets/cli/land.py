"""`mlops land`: a file cut into windows or blocks that land one after another, as a stream would."""

import time
from pathlib import Path
from typing import Annotated

import typer

from mlops_assets.cli.console import say, show
from mlops_assets.cli.opening import open_installation, pick
from mlops_assets.cli.words import counted


def land(
    file: Annotated[Path, typer.Argument(help="a file in the use case's format", exists=True, dir_okay=False)],
    use_case: Annotated[str, typer.Option(help="name of the use case")],
    every: Annotated[str | None, typer.Option(help="cut into windows of the time column: 1d, 6h")] = None,
    rows: Annotated[int | None, typer.Option(min=1, help="cut into blocks of this many rows")] = None,
    pause_s: Annotated[float, typer.Option(min=0, help="seconds between two batches")] = 0.0,
) -> None:
    """Drop a file into the landing folder, whole or cut into batches.

    Example: mlops land trips.csv --use-case delivery_time --every 1d
    """
    from mlops_assets.decode.cut import cut
    from resources.landing.drop import drop

    if every is not None and rows is not None:
        raise ValueError("--every and --rows exclude each other; name one")
    installation = open_installation()
    chosen = pick(installation, use_case)
    count = 0
    for label, data in cut(file.read_bytes(), chosen, every=every, rows=rows):
        name = f"{file.stem}-{label}{file.suffix}" if label else file.name
        address = drop(installation.settings, chosen, name, data)
        count += 1
        say(f"landed {address}")
        if pause_s:
            time.sleep(pause_s)
    landed = counted(count, "batch", "batches")
    show(f"{landed} landed; next: mlops run --once {use_case}, or look at Dagster if mlops up is running")
