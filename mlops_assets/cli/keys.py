"""`mlops keys`: who may ask the router, beyond this machine or where MLOPS_KEYS_REQUIRED."""

import os
from pathlib import Path
from typing import Annotated

import typer

from mlops_assets.cli.console import out, say, show, show_json
from mlops_assets.cli.opening import open_installation
from mlops_assets.cli.span import parse_span
from resources.state import keys

BY = "mlops keys"
MODE = 0o600

app = typer.Typer(no_args_is_help=True, help="Make, list and revoke the keys of the router's callers.")


@app.command("create")
def create(
    role: Annotated[keys.Role, typer.Option(help="what its owner may do; admin everything")],
    note: Annotated[str, typer.Option(help="who owns it, for the list; at most 128 characters")] = "",
    expires: Annotated[str | None, typer.Option(help="how long it holds: 90d, 12h; without it until revoked")] = None,
    file: Annotated[Path | None, typer.Option("--out", help="a new file for the key, readable by you alone")] = None,
) -> None:
    """Make a key and show it once; to replace one, make a second, hand it out, then revoke the first.

    Example: mlops keys create --role predictor --note "web shop" --expires 90d --out shop.key
    """
    installation = open_installation()
    at = installation.clock()
    expires_at = at + parse_span("--expires", expires) if expires is not None else None
    place = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE) if file is not None else None
    with installation.state.write() as connection:
        key, text = keys.create(connection, role, at=at, by=BY, note=_note(note), expires_at=expires_at)
    if place is not None:
        with os.fdopen(place, "w", encoding="utf-8") as opened:
            opened.write(f"{text}\n")
    else:
        out.print(text, markup=False)
    say(f"{key.id}: {role}, {f'until {expires_at:%Y-%m-%d %H:%M} UTC' if expires_at else 'until revoked'}")
    say(f"the key stands in {file}" if file is not None else "the line above is the key; nobody can show it again")


@app.command("list")
def show_keys(json: Annotated[bool, typer.Option("--json", help="print one JSON object a line")] = False) -> None:
    """Every key there ever was, with its role, its state and its last use, without its secret.

    Example: mlops keys list
    """
    installation = open_installation()
    with installation.state.read() as connection:
        found = keys.all_keys(connection)
    for key in found:
        state = "revoked" if key.revoked_at else "valid" if key.is_valid(installation.clock()) else "expired"
        if json:
            shown = {name: value for name, value in vars(key).items() if name != "secret_sha256"}
            show_json(shown | {"state": state})
        else:
            used = f"{key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never used"
            show(f"{key.id}  {key.role:<9}  {state:<7}  {used:<16}  {key.note}")
    if not found and not json:
        say("no keys yet; make one: mlops keys create --role predictor")


@app.command("revoke")
def revoke(key_id: Annotated[str, typer.Argument(metavar="ID", help="as in `mlops keys list`")]) -> None:
    """End a key; a running router follows within MLOPS_ROUTER_POLL_S.

    Example: mlops keys revoke mlops_0123456789
    """
    installation = open_installation()
    with installation.state.write() as connection:
        key = keys.revoke(connection, key_id, at=installation.clock(), by=BY)
    show(f"{key.id} is revoked since {key.revoked_at:%Y-%m-%d %H:%M} UTC")


def _note(text: str) -> str:
    if len(text) > keys.NOTE_LENGTH or not text.isprintable():
        raise ValueError(f"--note: at most {keys.NOTE_LENGTH} printable characters are due")
    return text
