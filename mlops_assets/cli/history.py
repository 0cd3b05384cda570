"""`mlops history`: the line of champions of a use case."""

from dataclasses import asdict
from typing import Annotated

import typer

from mlops_assets.cli.console import show, show_json, show_table
from mlops_assets.cli.opening import open_installation, pick
from mlops_assets.report.history import COLUMNS, NOT_WRITTEN, Reign, history_rows

SHOWN = ("version", "since", "until", "how", "evidence")  # the long columns are told below


def history(
    use_case: Annotated[str, typer.Argument(help="name of a use case")],
    json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
) -> None:
    """Every champion there was: since when, why, on what evidence, until when, and its certificate.

    Example: mlops history wine_quality
    """
    from mlops_assets.graph.steps.champions import line_of_champions

    installation = open_installation()
    line = line_of_champions(installation, pick(installation, use_case))
    if json:
        show_json({"use_case": use_case, "champions": [asdict(one) for one in line]})
        return
    if not line:
        show(f"{use_case}: there was no champion yet")
        return
    places = [COLUMNS.index(name) for name in SHOWN]
    show_table(SHOWN, [[row[place] for place in places] for row in history_rows(line)])
    for one in line:
        _tell(one)


def _tell(one: Reign) -> None:
    show()
    show(f"version {one.version} by {one.by}: {one.why}")
    if one.held_against:
        show(f"  held against version {', '.join(one.held_against)}")
    show(f"  certificate: {f'{one.certificate}, SHA-256 {one.sha256}' if one.certificate else NOT_WRITTEN}")
