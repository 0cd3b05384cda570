"""`mlops verify`: certificates checked from their files alone; no database, registry or network is asked."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from mlops_assets.certificate.verification import Checked, check_folder, check_one
from mlops_assets.cli.console import show, show_json, show_table
from resources.certificates import FOLDER
from resources.settings import read_settings

COLUMNS = ("use case", "certificates", "verdicts", "files", "absent", "newest")
HASH_SHOWN = 12


def verify(
    certificates: Annotated[
        list[Path] | None, typer.Argument(help="certificates (JSON), or folders of a use case's certificates")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="every certificate below MLOPS_HOME")] = False,
    noted: Annotated[
        list[str] | None, typer.Option(help="SHA-256 of a certificate, noted elsewhere: it must be among them still")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
) -> None:
    """Recompute every hash, the chain and each verdict from the files alone; exit code 1 when anything differs.

    Example: mlops verify --all
    """
    if everything == bool(certificates):
        raise ValueError("name certificates to verify, or --all of them")
    found = [_check(path) for path in certificates or _folders()]
    missing = [one for one in noted or [] if not any(one in checked.hashes for checked in found)]
    lost = [
        f"no certificate has the noted SHA-256 {one}: this is not the chain that it was noted from" for one in missing
    ]
    if json:
        show_json(
            {
                "ok": not (lost or any(one.failures for one in found)),
                "checked": [_plain(one) for one in found],
                "lost": lost,
            }
        )
    else:
        _tell(found, lost)
    if lost or any(one.failures for one in found):
        raise typer.Exit(1)


def _folders() -> list[Path]:
    root = read_settings().root / FOLDER
    found = [path for path in sorted(root.glob("*")) if path.is_dir()]
    if not found:
        raise FileNotFoundError(
            f"{root}: there are no certificates yet; the first champion of a use case gets the first"
        )
    return found


def _check(path: Path) -> Checked:
    if path.is_dir():
        return check_folder(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such certificate")
    return check_one(path)


def _plain(checked: Checked) -> dict[str, Any]:
    """Plain values; of the hashes only the newest."""
    values = asdict(checked) | {"newest": checked.hashes[-1] if checked.hashes else None}
    return {name: value for name, value in values.items() if name != "hashes"}


def _tell(found: list[Checked], lost: list[str]) -> None:
    show_table(COLUMNS, [_row(one) for one in found])
    failures = [f"{one.use_case}: {sentence}" for one in found for sentence in one.failures] + lost
    for sentence in failures:
        show(sentence, style="red")
    for note in _notes(found):
        show(note)
    show(f"failures: {len(failures)}" if failures else "all is as it was written", style="bold")


def _notes(found: list[Checked]) -> Iterator[str]:
    for one in found:
        if one.absent:
            yield f"{one.use_case}: {one.absent} files of data or bundles are not in this copy, so not compared"
        if one.unjudged:
            yield f"{one.use_case}: {one.unjudged} certificates say why their verdict cannot be judged again"
        if one.hashes and not one.failures:
            yield f"{one.use_case}: to be noted elsewhere, for --noted: {one.hashes[-1]}"


def _row(one: Checked) -> tuple[Any, ...]:
    newest = one.hashes[-1][:HASH_SHOWN] if one.hashes else "none"
    return one.use_case, one.certificates, one.judged, one.files, one.absent, newest
