"""A second implementation of registry and bundle: folders with one JSON file, aliases in a dict."""

import hashlib
import json
import math
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from mlops_assets.bundle.abstention import Abstention
from mlops_assets.bundle.errors import InputError
from mlops_assets.bundle.manifest import MANIFEST
from resources.registry import AbsentVersionError, RegistryError, Version
from serving.probe import ProbeError

MODEL = "model.json"
MARKS = ("unfit", "foreign")


@dataclass(frozen=True)
class FakeModel:
    """Answers one constant; `needs` a number in that column; `fail` makes it raise or answer nonsense."""

    value: Any
    fail: str = ""
    engine: str = "fake"
    classes: tuple[Any, ...] | None = None
    abstention: Abstention | None = None
    needs: str = "alcohol"

    def refusals(self, rows: list[Any]) -> dict[int, InputError]:
        """Rows without a number in the column that it needs."""
        return {
            position: InputError(position, self.needs, f"{row.get(self.needs)!r}: a number is due")
            for position, row in enumerate(rows)
            if self.needs and not _is_number(row.get(self.needs))
        }

    def answer_rows(self, rows: list[dict[str, Any]]) -> SimpleNamespace:
        for refusal in self.refusals(rows).values():
            raise refusal
        if self.fail == "raises":
            raise RuntimeError("the graph is broken")
        values = np.array([float("nan") if self.fail == "nan" else self.value] * len(rows))
        if self.fail == "short":
            values = values[1:]
        shares = None
        if self.classes is not None:
            shares = np.array([[float(name == self.value) for name in self.classes]] * len(rows))
        return SimpleNamespace(values=values, probabilities=shares, conformity=None)


def verify_fake(folder: Path) -> None:
    """Refuse a changed file as a bundle does."""
    registered = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["sha256"]
    if _sha256(folder / MODEL) != registered:
        raise ValueError(f"{folder / MODEL}: its SHA-256 is not the registered one")


def probe_fake(folder: Path, other_libraries: bool = False) -> None:
    """Refuse a model that is marked as unfit, or as written by another library unless that is accepted."""
    described = json.loads((folder / MODEL).read_text(encoding="utf-8"))
    if described.get("unfit", False):
        raise ProbeError("was ended by SIGFPE while it answered its golden rows")
    if described.get("foreign", False) and not other_libraries:
        raise ProbeError("written by scikit-learn 9.9.1")


def _is_number(value: Any) -> bool:
    try:
        return value is not None and math.isfinite(float(value))
    except ValueError:
        return False


def load_fake(folder: Path, other_libraries: bool = False) -> FakeModel:
    """The model of a folder, verified."""
    verify_fake(folder)
    described = json.loads((folder / MODEL).read_text(encoding="utf-8"))
    described = {name: value for name, value in described.items() if name not in MARKS}
    if described.get("classes") is not None:
        described["classes"] = tuple(described["classes"])
    if described.get("abstention") is not None:
        described["abstention"] = Abstention(**described["abstention"])
    return FakeModel(**described)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@dataclass
class FolderRegistry:
    """Versions as folders, aliases as a dict; `down` makes it stop answering."""

    folder: Path
    aliases: dict[tuple[str, str], int] = field(default_factory=dict)
    down: bool = False
    downloads: int = 0

    def add(self, name: str, version: int, alias: str | None = None, *, broken: bool = False, **model: Any) -> None:
        place = self.folder / name / str(version) / "bundle"
        place.mkdir(parents=True)
        (place / MODEL).write_text(json.dumps(model), encoding="utf-8")
        sha256 = "of another file" if broken else _sha256(place / MODEL)
        (place / MANIFEST).write_text(json.dumps({"version": version, "sha256": sha256}), encoding="utf-8")
        if alias is not None:
            self.aliases[name, alias] = version

    def version_by_alias(self, name: str, alias: str) -> Version | None:
        self._check()
        version = self.aliases.get((name, alias))
        return None if version is None else Version(name, version, "", None)

    def download(self, name: str, version: int, folder: Path) -> Path:
        self._check()
        self.downloads += 1
        source = self.folder / name / str(version) / "bundle"
        if not source.is_dir():
            raise AbsentVersionError(f"registry: version {version} of {name!r} is not registered")
        return Path(shutil.copytree(source, folder / "bundle"))

    def set_alias(self, name: str, alias: str, version: int) -> None:
        self._check()
        self.aliases[name, alias] = version

    def drop_alias(self, name: str, alias: str) -> None:
        self._check()
        self.aliases.pop((name, alias), None)

    def _check(self) -> None:
        if self.down:
            raise RegistryError("registry: connection refused")
