"""Registered versions as models that answer: downloaded once, verified before anything is parsed."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from mlops_assets.bundle.load import Bundle, load_bundle
from mlops_assets.spec import UseCase
from resources.installation import Installation
from resources.state import promotions


@dataclass(frozen=True)
class Model:
    """A version of a use case's model and its opened bundle."""

    version: int
    bundle: Bundle
    folder: Path


def open_version(installation: Installation, use_case: UseCase, version: int) -> Model:
    """The model of a version, from the local copy where there is one.

    Raises
    ------
    BundleError
        If a file of the bundle is not what its manifest says.
    """
    folder = installation.settings.root / "bundles" / use_case.name / str(version)
    if not folder.exists():
        _fetch(installation, use_case, version, folder)
    return Model(version, load_bundle(folder), folder)


def open_champion(installation: Installation, use_case: UseCase) -> Model | None:
    """The champion; None before the first."""
    with installation.state.read() as connection:
        version = promotions.current(connection, use_case.name)
    return None if version is None else open_version(installation, use_case, version)


def _fetch(installation: Installation, use_case: UseCase, version: int, folder: Path) -> None:
    """Download beside, then rename: a killed download leaves no half copy under the version's name."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{version}-"))
    try:
        found = installation.registry.download(use_case.name, version, beside)
        if not folder.exists():
            found.rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
