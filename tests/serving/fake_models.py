"""A second implementation of registry and bundle: folders with one JSON file, aliases in a dict."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from mlops_assets.bundle.errors import InputError
from resources.registry import RegistryError, Version


@dataclass(frozen=True)
class FakeModel:
    """Answers one constant; `fail` makes it raise or answer nonsense."""

    value: Any
    fail: str = ""
    engine: str = "fake"
    classes: tuple[Any, ...] | None = None

    def answer_rows(self, rows: list[dict[str, Any]]) -> SimpleNamespace:
        for position, row in enumerate(rows):
            if not isinstance(row.get("alcohol"), int | float):
                raise InputError(position, "alcohol", f"{row.get('alcohol')!r}: a number is due")
        if self.fail == "raises":
            raise RuntimeError("the graph is broken")
        values = np.array([float("nan") if self.fail == "nan" else self.value] * len(rows))
        if self.fail == "short":
            values = values[1:]
        shares = None
        if self.classes is not None:
            shares = np.array([[float(name == self.value) for name in self.classes]] * len(rows))
        return SimpleNamespace(values=values, probabilities=shares)


def load_fake(folder: Path) -> FakeModel:
    """The model of a folder; refuses a changed file as a bundle does."""
    described = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    if described.pop("broken", False):
        raise ValueError(f"{folder / 'model.json'}: its SHA-256 is not the registered one")
    if described.get("classes") is not None:
        described["classes"] = tuple(described["classes"])
    return FakeModel(**described)


@dataclass
class FolderRegistry:
    """Versions as folders, aliases as a dict; `down` makes it stop answering."""

    folder: Path
    aliases: dict[tuple[str, str], int] = field(default_factory=dict)
    down: bool = False
    downloads: int = 0

    def add(self, name: str, version: int, alias: str | None = None, **model: Any) -> None:
        place = self.folder / name / str(version) / "bundle"
        place.mkdir(parents=True)
        (place / "model.json").write_text(json.dumps(model), encoding="utf-8")
        if alias is not None:
            self.aliases[name, alias] = version

    def version_by_alias(self, name: str, alias: str) -> Version | None:
        self._check()
        version = self.aliases.get((name, alias))
        return None if version is None else Version(name, version, "", None)

    def download(self, name: str, version: int, folder: Path) -> Path:
        self._check()
        self.downloads += 1
        place = folder / "bundle"
        place.mkdir()
        source = self.folder / name / str(version) / "bundle" / "model.json"
        (place / "model.json").write_bytes(source.read_bytes())
        return place

    def _check(self) -> None:
        if self.down:
            raise RegistryError("registry: connection refused")
