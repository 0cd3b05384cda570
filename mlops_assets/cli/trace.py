"""`mlops trace`: one prediction followed back to the files that its version learnt from."""

from dataclasses import asdict
from typing import Annotated

import typer

from mlops_assets.cli.console import show, show_json
from mlops_assets.cli.opening import open_installation
from mlops_assets.report.trace import trace_lines


def trace(
    prediction_id: Annotated[str, typer.Argument(help="id of a prediction, as the router gave it")],
    json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
) -> None:
    """Follow a prediction back: its answer, truths and version, that version's retrain, batches and certificate.

    Example: mlops trace 017f22e2-79b0-7000-8000-000000000000
    """
    from mlops_assets.graph.steps.trace import trace_prediction

    found = trace_prediction(open_installation(), prediction_id)
    if json:
        show_json(asdict(found))
        return
    for line in trace_lines(found):
        show(line)
