"""A router over real bundles and a registry of folders, in this process."""

import json
import shutil
import sys
import threading
from collections.abc import Callable, Iterator, MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mlops_assets.bundle.load import load_bundle
from mlops_assets.bundle.manifest import verify
from mlops_assets.use_cases.load import load_use_cases
from resources.state import audit
from resources.state.database import State, metadata
from resources.state.promotions import promote
from serving.app import create_app
from serving.copies import Copies
from serving.models import Models
from serving.probe import probe
from serving.router import Router, utc_now
from serving.wanted import Rows

sys.path.insert(0, str(Path(__file__).parents[1] / "serving"))

from fake_models import FolderRegistry

NAME = "wine_quality"
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
WINE = {
    "fixed acidity": 7.4, "volatile acidity": 0.7, "citric acid": 0.0, "residual sugar": 1.9, "chlorides": 0.076,
    "free sulfur dioxide": 11.0, "total sulfur dioxide": 34.0, "density": 0.9978, "pH": 3.51, "sulphates": 0.56,
    "alcohol": 9.4,
}  # fmt: skip


class AliasFile(MutableMapping[tuple[str, str], int]):
    """Aliases of a registry, in a file: a process that dies has moved them or has not."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.path.parent.mkdir(parents=True)
        self._write({})

    def _read(self) -> dict[tuple[str, str], int]:
        return {tuple(key.split("@")): version for key, version in json.loads(self.path.read_text("utf-8")).items()}

    def _write(self, aliases: dict[tuple[str, str], int]) -> None:
        whole = self.path.with_suffix(f".{threading.get_ident()}")
        whole.write_text(json.dumps({"@".join(key): version for key, version in aliases.items()}), "utf-8")
        whole.replace(self.path)  # at once: others read it meanwhile

    def __getitem__(self, key: tuple[str, str]) -> int:
        return self._read()[key]

    def __setitem__(self, key: tuple[str, str], version: int) -> None:
        self._write(self._read() | {key: version})

    def __delitem__(self, key: tuple[str, str]) -> None:
        self._write({other: version for other, version in self._read().items() if other != key})

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())


class Stage:
    """A state database, a registry of folders, and local copies, below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.use_cases = {NAME: load_use_cases()[NAME]}
        self.registry = FolderRegistry(folder / "registry", AliasFile(folder / "registry" / "aliases.json"))
        self.state = State(f"sqlite:///{folder / 'state.db'}")
        metadata.create_all(self.state.engine)

    def register(self, version: int, bundle: Path, alias: str | None = None) -> Path:
        """A copy of the bundle as a registered version; its folder."""
        place = self.registry.folder / NAME / str(version) / "bundle"
        shutil.copytree(bundle, place)
        if alias is not None:
            self.registry.aliases[NAME, alias] = version
        return place

    def models(self, registry: Any = None, probe: Callable[..., None] = probe, **parts: Any) -> Models:
        """Models that follow the database and a registry, by default that of folders."""
        known = {"verify": verify, "probe": probe, "load": load_bundle} | parts
        copies = Copies(self.folder / "bundles", registry or self.registry, **known)
        return Models(self.use_cases, copies, Rows(self.use_cases, self.state, utc_now, reread_s=0.0))


def trusting(folder: Path, other_libraries: bool) -> None:
    """In place of the child, where it is not what is tested."""


def make_champion(stage: Stage, version: int, expected: int | None) -> None:
    """Promote a version, in the database alone."""
    with stage.state.write() as connection:
        promote(connection, NAME, version, expected=expected, kind="promote", reason="", at=AT, by="test")


def ask(router: Router, count: int = 1) -> list[tuple[int, int]]:
    """Version and value of answers; fails when a request does."""
    client = create_app(router).test_client()
    given = []
    for _ in range(count):
        answer = client.post("/predict", json={"use_case": NAME, "features": WINE})
        assert answer.status_code == 200, answer.text
        given.append((answer.json["version"], answer.json["value"]))
    return given


def refusals(stage: Stage) -> list[str]:
    """Why versions were refused, the newest first."""
    with stage.state.read() as connection:
        changes = audit.last_changes(connection, NAME)
    return [change.after["reason"] for change in changes if change.action == "refuse version"]
