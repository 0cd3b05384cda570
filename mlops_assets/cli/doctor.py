"""`mlops doctor`: what would keep this installation from working, before it does."""

import importlib.metadata
import platform
import shutil
import socket
import sqlite3
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Annotated

import typer

from mlops_assets.cli.console import show, show_json
from mlops_assets.cli.opening import open_installation
from resources.installation import Installation

DISK_FREE_MIN = 2 * 2**30
SQLITE_MIN = (3, 35, 0)  # UPDATE ... RETURNING
FLOORS = {"dagster-mlflow": (0, 29), "mlflow": (3, 17), "great-expectations": (1, 24), "granian": (2, 8)}


@dataclass(frozen=True)
class Finding:
    """One thing looked at: good or not, and a sentence that says how to mend it."""

    what: str
    good: bool
    sentence: str


def doctor(json: Annotated[bool, typer.Option("--json", help="print one JSON object a line")] = False) -> None:
    """Look at versions, settings, disk, ports, databases and use cases; exit code 1 when something is wrong.

    Example: mlops doctor
    """
    installation = open_installation()
    findings = [finding for look in LOOKS for finding in look(installation)]
    width = max(len(finding.what) for finding in findings)
    for finding in findings:
        if json:
            show_json(asdict(finding))
        else:
            show(f"{'good' if finding.good else 'BAD '}  {finding.what:<{width}} {finding.sentence}")
    if not all(finding.good for finding in findings):
        raise typer.Exit(1)


def _versions(_: Installation) -> Iterator[Finding]:
    yield Finding("python", sys.version_info[:2] == (3, 11), f"{platform.python_version()}; 3.11.x is due")
    yield Finding(
        "sqlite", sqlite3.sqlite_version_info >= SQLITE_MIN, f"{sqlite3.sqlite_version}; 3.35 or newer is due"
    )
    for name, floor in FLOORS.items():
        found = importlib.metadata.version(name)
        numbers = tuple(int(part) for part in found.split(".")[: len(floor)])
        yield Finding(name, numbers >= floor, f"{found}; {'.'.join(map(str, floor))} or newer is due")


def _disk(installation: Installation) -> Iterator[Finding]:
    free = shutil.disk_usage(installation.settings.root).free
    yield Finding("disk", free >= DISK_FREE_MIN, f"{free / 2**30:.1f} GiB free below {installation.settings.root}")


def _ports(installation: Installation) -> Iterator[Finding]:
    settings = installation.settings
    for name, port in (
        ("dagster", settings.dagster_port),
        ("mlflow", settings.mlflow_port),
        ("router", settings.router_port),
    ):
        with socket.socket() as probe:
            taken = probe.connect_ex(("127.0.0.1", port)) == 0
        state = f"in use; if not by mlops up, set MLOPS_{name.upper()}_PORT" if taken else "free"
        yield Finding(f"port of {name}", True, f"{port} is {state}")


def _champions(installation: Installation) -> Iterator[Finding]:
    from resources.mlflow_client import ask_briefly
    from resources.registry import AwayError, RegistryError
    from resources.state import promotions

    ask_briefly()
    for name in installation.use_cases:
        with installation.state.read() as connection:
            wanted = promotions.current(connection, name)
        try:
            found = installation.registry.version_by_alias(name, "champion")
        except AwayError as error:
            yield Finding("registry", False, str(error))
            return  # it would be away for the others too, and each would be waited for
        except RegistryError as error:
            yield Finding(name, False, str(error))
            continue
        version = found.version if found else None
        if wanted == version:
            yield Finding(name, True, "no champion yet" if version is None else f"champion is version {version}")
        else:
            rows, aliases = wanted or "none", version or "none"
            said = f"champion by the promotion rows: {rows}, by the registry: {aliases}"
            yield Finding(name, False, f"{said}; mend it: mlops run --once {name}")


def _certificates(installation: Installation) -> Iterator[Finding]:
    from mlops_assets.certificate.certificate import CertificateError
    from mlops_assets.graph.steps.certify import due

    for name, use_case in installation.use_cases.items():
        try:
            awaited = due(installation, use_case)
        except CertificateError as error:
            yield Finding(f"certificates of {name}", False, str(error))
            continue
        said = f"one is due ({awaited}): mlops run --once {name}" if awaited else "every decision has one"
        yield Finding(f"certificates of {name}", awaited is None, said)


def _truths(installation: Installation) -> Iterator[Finding]:
    from resources.state.parking import count_parked

    with installation.state.read() as connection:
        parked = count_parked(connection, installation.clock())
    yield Finding(
        "feedback", True, parked.sentence
    )  # good: what callers send does not keep an installation from working


def _engines(_: Installation) -> Iterator[Finding]:
    from mlops_assets.ocr.engines import ENGINES

    found = {name: engine.available() for name, engine in ENGINES.items()}
    some = any(one.usable for one in found.values())
    for name, one in found.items():
        sentence = one.sentence if one.usable else f"scans are read without it: {one.sentence}"
        yield Finding(f"OCR by {name}", one.usable or some, sentence)


LOOKS: tuple[Callable[[Installation], Iterator[Finding]], ...] = (
    _versions,
    _disk,
    _ports,
    _champions,
    _certificates,
    _truths,
    _engines,
)
