"""`mlops routing`: the experiment of a use case, shown and changed without a router."""

from dataclasses import asdict
from typing import Annotated, get_args

import typer

from mlops_assets.cli.console import show, show_json
from mlops_assets.cli.opening import open_installation, pick
from resources.installation import Installation
from resources.state.experiment import Kind, Routing, sentence

BY = "mlops routing"
app = typer.Typer(help="How requests are split between champion and challenger.", no_args_is_help=True)


@app.command("show")
def show_routing(
    use_case: Annotated[str, typer.Argument(help="name of a use case")],
    json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
) -> None:
    """Say what the experiment does now.

    Example: mlops routing show wine_quality
    """
    from resources.state.routing import open_routing

    installation = open_installation()
    chosen = pick(installation, use_case)
    with installation.state.write() as connection:
        found = open_routing(connection, chosen, at=installation.clock())
    _show(installation, found, json)


@app.command("set")
def set_routing(
    use_case: Annotated[str, typer.Argument(help="name of a use case")],
    split: Annotated[float | None, typer.Option(min=0, max=1, help="share of units that B answers in an ab")] = None,
    kind: Annotated[str | None, typer.Option(help="ab, shadow or canary; a ramp begins now")] = None,
    paused: Annotated[bool | None, typer.Option("--pause/--resume", help="A answers everything until resumed")] = None,
    expect: Annotated[int | None, typer.Option(min=1, help="version that was seen; another one is a conflict")] = None,
    json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
) -> None:
    """Change the experiment; routers follow within seconds.

    Example: mlops routing set wine_quality --kind canary
    """
    from resources.state.routing import Wanted, change_routing, open_routing

    wanted = Wanted(ab_split_b=split, kind=_kind(kind), paused=paused)
    if wanted == Wanted():
        raise ValueError("nothing to change: give one or more of --split, --kind, --pause, --resume")
    installation = open_installation()
    chosen = pick(installation, use_case)
    with installation.state.write() as connection:
        open_routing(connection, chosen, at=installation.clock())
        found = change_routing(connection, chosen, wanted, expected=expect, at=installation.clock(), by=BY)
    _show(installation, found, json)


def _kind(text: str | None) -> Kind | None:
    found: Kind | None = next((kind for kind in get_args(Kind) if kind == text), None)
    if text is not None and found is None:
        raise ValueError(f"--kind: {text!r} is none of {', '.join(get_args(Kind))}")
    return found


def _show(installation: Installation, found: Routing, json: bool) -> None:
    words = sentence(found, installation.clock())
    if json:
        secret = ("salt", "from_file")
        values = {name: value for name, value in asdict(found).items() if name not in secret}
        show_json(values | {"paused": found.paused, "sentence": words})
    else:
        show(f"{found.use_case}: {words} Version {found.version}, phase {found.phase}, by {found.by}.")
