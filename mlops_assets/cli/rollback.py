"""`mlops rollback`: the previous champion again, after it was proven to load."""

from typing import Annotated

import typer

from mlops_assets.cli.console import say, show, show_json
from mlops_assets.cli.opening import open_installation, pick


def rollback(
    use_case: Annotated[str, typer.Argument(help="name of a use case")],
    reason: Annotated[str, typer.Option(help="why; kept in the promotion row")] = "asked for on the command line",
    json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
) -> None:
    """Restore the champion before this one: load and probe it first, then the row, then the alias.

    Example: mlops rollback wine_quality --reason "complaints since noon"
    """
    from mlops_assets.graph.steps.certify import certify
    from mlops_assets.graph.steps.models import open_version
    from resources.mlflow_client import ask_briefly
    from resources.promotion import AliasLagsError, change_champion
    from resources.state import promotions

    ask_briefly()
    installation = open_installation()
    chosen = pick(installation, use_case)
    with installation.state.read() as connection:
        champion = promotions.current(connection, use_case)
        target = promotions.previous(connection, use_case)
    if champion is None or target is None:
        raise RuntimeError(f"{use_case}: there is no previous champion to go back to")
    say(f"{use_case}: loading and probing version {target}")
    open_version(installation, chosen, target)
    alias_set = True
    try:
        row = change_champion(
            installation, chosen, target, expected=champion, kind="rollback", reason=reason, by="mlops rollback"
        )
    except AliasLagsError as error:  # done all the same, and done twice it would be undone
        row, alias_set = error.row, False
        say(str(error))
    written = certify(installation, chosen)
    if json:
        certificates = [{"file": one.name, "sha256": one.sha256} for one in written]
        changed = {"from_version": row.from_version, "to_version": row.to_version}
        show_json({"use_case": use_case, **changed, "alias_set": alias_set, "certificates": certificates})
    else:
        show(f"{use_case}: champion is version {row.to_version} again (was {row.from_version}); the router follows")
