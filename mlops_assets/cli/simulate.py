"""`mlops simulate`: a file of labelled rows as live traffic."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from mlops_assets.cli.console import say, show, show_json
from mlops_assets.cli.opening import open_installation, pick
from mlops_assets.cli.traffic import labelled_rows, send


def simulate(
    use_case: Annotated[str, typer.Argument(help="name of a use case")],
    file: Annotated[Path, typer.Option("--from", help="labelled rows", exists=True, dir_okay=False)],
    requests: Annotated[int, typer.Option(min=1, help="how many rows to send, from the top, again from the top")] = 500,
    delay: Annotated[int, typer.Option(min=0, help="requests between an answer and its truth")] = 50,
    json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
) -> None:
    """Send labelled rows to the router and return each truth a while later.

    Example: mlops simulate wine_quality --from white.csv --requests 1000
    """
    from itertools import cycle, islice

    from mlops_assets.decode import FORMATS
    from mlops_assets.decode.table import decode_batch

    installation = open_installation()
    chosen = pick(installation, use_case)
    settings = installation.settings
    data = file.read_bytes()
    frame, raw = decode_batch(data, chosen), FORMATS[chosen.format.kind](data, chosen)
    rows = list(labelled_rows(frame, raw, chosen.request_columns, chosen.target, chosen.unit))
    if not rows:
        raise ValueError(f"{file}: no row has a value of {chosen.target!r}; labelled rows are due")
    base = f"http://{settings.host}:{settings.router_port}"
    sent = send(base, use_case, islice(cycle(rows), requests), delay, say)
    if json:
        show_json(asdict(sent))
    else:
        arms = ", ".join(f"{count} by arm {arm}" for arm, count in sorted(sent.per_arm.items()))
        show(f"{sent.requests} requests answered, {arms}; {sent.feedback} truths returned")
        show(f"next: mlops run --once {use_case} for the verdict, or look at {base}/ab")
