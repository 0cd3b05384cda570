"""The models that answer: the registry's aliases followed in the background, a good model never given up for a bad one.

A version is downloaded beside the ones in use, verified, tried on its golden rows, and only then takes the place of the
old one, by one assignment: a request holds either the old pair or the new one. What served last is remembered in a
pointer file beside the local copies, so that a router starts while the registry is away.
"""

import json
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, Protocol

from resources.registry import RegistryError, Version

Alias = Literal["champion", "challenger"]
ALIASES: tuple[Alias, ...] = ("champion", "challenger")
POINTER = "serving.json"
RETRY_BROKEN_S = 30.0
log = logging.getLogger(__name__)


class Model(Protocol):
    """What a loaded bundle offers."""

    @property
    def engine(self) -> str:
        """What computes: 'onnx' or 'skops'."""

    @property
    def classes(self) -> tuple[Any, ...] | None:
        """Labels in the order of the probabilities; None for a regression."""

    def answer_rows(self, rows: Sequence[Mapping[str, Any]]) -> Any:
        """Values and, for a classification, probabilities of rows of raw values.

        Raises a ValueError that names the column where a row does not fit the schema of this version.
        """


class Registry(Protocol):
    """What is asked of the registry."""

    def version_by_alias(self, name: str, alias: str) -> Version | None:
        """The version that carries an alias."""

    def download(self, name: str, version: int, folder: Path) -> Path:
        """The bundle's folder, copied below `folder`."""


@dataclass(frozen=True)
class Served:
    """A version and its model, loaded."""

    version: int
    model: Model


@dataclass(frozen=True)
class Arms:
    """Who answers for one use case; `problems` maps an alias to why its version does not serve."""

    champion: Served | None = None
    challenger: Served | None = None
    degraded: bool = False
    problems: dict[str, str] = field(default_factory=dict)


class Models:
    """The arms of every use case.

    Parameters
    ----------
    folder : Path
        Local copies: `<folder>/<use_case>/<version>/`.
    load : callable
        Reads a bundle's folder: verifies its hashes before anything is parsed, asks the golden rows, raises when
        either does not fit.
    """

    def __init__(
        self, use_cases: Iterable[str], registry: Registry, folder: Path, load: Callable[[Path], Model]
    ) -> None:
        self._registry = registry
        self._folder = folder
        self._load = load
        self._broken: dict[tuple[str, int], tuple[float, str]] = {}
        self._arms = {name: self._restore(name) for name in use_cases}

    def of(self, use_case: str) -> Arms:
        """Who answers now; one reference, so that a request never sees half a change."""
        return self._arms[use_case]

    def ready(self) -> list[str]:
        """Use cases that have a champion."""
        return [name for name, arms in self._arms.items() if arms.champion is not None]

    def refresh(self) -> None:
        """Follow the aliases once."""
        for name in self._arms:
            before = self._arms[name]
            after = self._follow(name, before)
            self._arms[name] = after
            if _versions(after) != _versions(before):
                log.info("%s: now serving %s", name, _versions(after))
                self._remember(name, after)

    def _follow(self, name: str, before: Arms) -> Arms:
        try:
            wanted = {alias: self._registry.version_by_alias(name, alias) for alias in ALIASES}
        except (RegistryError, OSError) as error:
            return replace(before, degraded=True, problems={"registry": str(error)})
        problems: dict[str, str] = {}
        champion = self._candidate(name, wanted["champion"], (before.champion, before.challenger), problems, "champion")
        if wanted["champion"] is None and before.champion is not None:
            problems["champion"] = "no version carries the alias champion; the last one keeps serving"
        challenger = None
        if wanted["challenger"] != wanted["champion"]:
            loaded = (before.challenger, before.champion)
            challenger = self._candidate(name, wanted["challenger"], loaded, problems, "challenger")
        # A broken champion leaves the old one in place; a broken challenger leaves the place empty, since the evidence
        # asked for is about the new one.
        return Arms(champion or before.champion, challenger, bool(problems), problems)

    def _candidate(
        self,
        name: str,
        wanted: Version | None,
        loaded: tuple[Served | None, ...],
        problems: dict[str, str],
        alias: Alias,
    ) -> Served | None:
        """The wanted version, from memory when it serves already; None, with the reason noted, when it cannot serve."""
        if wanted is None:
            return None
        for served in loaded:
            if served is not None and served.version == wanted.version:
                return served
        retry_at, reason = self._broken.get((name, wanted.version), (0.0, ""))
        if time.monotonic() >= retry_at:
            try:
                return self._fetch(name, wanted.version)
            except Exception as error:  # noqa: BLE001 - whatever a candidate raises, the models in use must go on
                reason = f"version {wanted.version} does not serve: {error}"
                self._broken[name, wanted.version] = (time.monotonic() + RETRY_BROKEN_S, reason)
                log.warning("%s: %s", name, reason)
        problems[alias] = reason
        return None

    def _fetch(self, name: str, version: int) -> Served:
        """A version loaded and probed, from the local copy when it is whole, else from the registry."""
        place = self._folder / name / str(version)
        if place.is_dir():
            try:
                return self._open(place, version)
            except Exception as error:  # noqa: BLE001 - a damaged copy is replaced by a fresh one
                log.warning("%s: the local copy of version %d is refused: %s", name, version, error)
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=".fetch-") as folder:
            fetched = self._registry.download(name, version, Path(folder))
            served = self._open(fetched, version)
            shutil.rmtree(place, ignore_errors=True)
            fetched.replace(place)
        return served

    def _open(self, place: Path, version: int) -> Served:
        return Served(version, self._load(place))

    def _restore(self, name: str) -> Arms:
        """What served last, from the local copies; degraded until the registry has been asked."""
        pointer = self._folder / name / POINTER
        if not pointer.is_file():
            return Arms()
        found: dict[str, Served] = {}
        problems = {"registry": "not asked yet; serving what served last"}
        try:
            remembered = json.loads(pointer.read_text(encoding="utf-8"))
        except ValueError as error:
            return Arms(problems={"registry": f"{pointer}: {error}"}, degraded=True)
        for alias, version in remembered.items():
            try:
                found[alias] = self._open(self._folder / name / str(version), version)
            except Exception as error:  # noqa: BLE001 - a damaged copy must not keep the router from starting
                problems[alias] = f"version {version} does not serve: {error}"
        return Arms(found.get("champion"), found.get("challenger"), degraded=True, problems=problems)

    def _remember(self, name: str, arms: Arms) -> None:
        pointer = self._folder / name / POINTER
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=pointer.parent, delete=False) as file:
            json.dump(_versions(arms), file)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(pointer)


def _versions(arms: Arms) -> dict[str, int]:
    served = {"champion": arms.champion, "challenger": arms.challenger}
    return {alias: one.version for alias, one in served.items() if one is not None}
