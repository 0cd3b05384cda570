"""Local copies of versions, `<folder>/<use_case>/<version>/`, each proven before any worker reads it.

Proven means: every file has the hash of its manifest, and the model answered its golden rows in a child process, with
the libraries that are installed now. `<version>.proven` beside the copy remembers it, so that a second worker and a
restart do not try again.
"""

import hashlib
import json
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version as version_of
from pathlib import Path
from platform import python_version

from filelock import FileLock

from mlops_assets.bundle.manifest import LIBRARIES, MANIFEST
from serving.protocols import Model, Registry

PROVE_S = 600.0  # a worker that waits this long for another one's probe gives up for now
NEWEST_KEPT = 5
IDLE_S = 3600.0  # a copy that was used within the hour may be in use by another process
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Copies:
    """The copies below `folder`.

    Parameters
    ----------
    verify : callable
        Takes a copy; raises ValueError or OSError when a file is not the registered one. Parses only the manifest.
    probe : callable
        Takes a copy, and whether other versions of the libraries may have written it; raises when the model is unfit.
    load : callable
        The same arguments; gives the model.
    accepted : collection of (use case, version)
        Served although other versions of the libraries wrote them.
    """

    folder: Path
    registry: Registry
    verify: Callable[[Path], object]
    probe: Callable[[Path, bool], object]
    load: Callable[[Path, bool], Model]
    accepted: Collection[tuple[str, int]] = ()

    def place(self, name: str, version: int) -> Path:
        """Where the copy of a version lies, or would."""
        return self.folder / name / str(version)

    def is_proven(self, name: str, version: int) -> bool:
        """True when the copy passed on this machine's libraries, and its manifest is the one that passed."""
        try:
            return _marker(self.place(name, version)).read_text(encoding="ascii") == _stamp(self.place(name, version))
        except OSError:
            return False

    def prove(self, name: str, version: int) -> None:
        """Return when the copy is proven, fetched from the registry where it is missing or damaged.

        Raises
        ------
        RegistryError
            If it cannot be fetched.
        Exception
            Whatever `verify` and `probe` raise about a version that is unfit.
        """
        place, accepted = self.place(name, version), (name, version) in self.accepted
        place.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(place.with_name(f".{version}.lock"), timeout=PROVE_S):
            if self.is_proven(name, version):
                return
            if self._is_whole(place):
                self.probe(place, accepted)
            else:
                self._fetch(name, version, place, accepted)
            _marker(place).write_text(_stamp(place), encoding="ascii")

    def open(self, name: str, version: int) -> Model | None:
        """The model of a proven copy; None when the copy is not proven.

        Raises
        ------
        Exception
            Whatever `load` raises about a copy that was damaged since.
        """
        if not self.is_proven(name, version):
            return None
        os.utime(_marker(self.place(name, version)))
        return self.load(self.place(name, version), (name, version) in self.accepted)

    def distrust(self, name: str, version: int) -> None:
        """Have the copy proven anew before it is read again."""
        _marker(self.place(name, version)).unlink(missing_ok=True)

    def prune(self, name: str, keep: Collection[int | None]) -> None:
        """Remove copies that are neither in `keep`, nor among the newest, nor used within the hour."""
        found = [place for place in (self.folder / name).glob("*") if place.is_dir()]
        versions = sorted((int(place.name) for place in found if place.name.isdecimal()), reverse=True)
        kept = {str(version) for version in (*keep, *versions[:NEWEST_KEPT])}
        for place in found:
            last_used = (_marker(place) if _marker(place).exists() else place).stat().st_mtime
            if place.name not in kept and time.time() - last_used > IDLE_S:
                log.info("%s: the local copy %s is removed", name, place.name)
                _marker(place).unlink(missing_ok=True)
                shutil.rmtree(place, ignore_errors=True)

    def _is_whole(self, place: Path) -> bool:
        if not place.is_dir():
            return False
        try:
            self.verify(place)
        except (ValueError, OSError) as error:
            log.warning("the local copy is refused and fetched again: %s", error)
            return False
        return True

    def _fetch(self, name: str, version: int, place: Path, accepted: bool) -> None:
        """Download and try beside, then rename: no one ever finds half a copy, or an unfit one, under its name."""
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=".fetch-") as beside:
            fetched = self.registry.download(name, version, Path(beside))
            self.verify(fetched)
            self.probe(fetched, accepted)
            shutil.rmtree(place, ignore_errors=True)
            fetched.replace(place)


def _marker(place: Path) -> Path:
    return place.with_name(f"{place.name}.proven")


def _stamp(place: Path) -> str:
    """Hash of the copy's manifest and of the libraries' versions here."""
    return hashlib.sha256((place / MANIFEST).read_bytes() + _libraries()).hexdigest()


@cache
def _libraries() -> bytes:
    versions = {"python": python_version()} | {name: version_of(name) for name in LIBRARIES}
    return json.dumps(versions, sort_keys=True).encode()
