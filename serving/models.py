"""The models that answer: what the promotion rows ask for, a good model never given up for a bad one.

Two threads share the work. `follow` looks at the rows ten times a second and swaps one reference, to a model in memory
or to one from a proven local copy; a request holds either the old pair or the new one, and the old one goes when its
last request is answered. `ask` asks the registry, which may be slow or away, fetches what is missing and has it proven;
it touches no model in use. A use case without promotion rows follows the registry's aliases. What served last is
remembered in a pointer file, so that a router starts while the registry is away.
"""

import json
import logging
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from resources.registry import RegistryError
from serving.copies import Copies
from serving.protocols import Model
from serving.wanted import Wanted

Alias = Literal["champion", "challenger"]
ALIASES: tuple[Alias, ...] = ("champion", "challenger")
POINTER = "serving.json"
LOADED_KEPT = 3  # champion, challenger, and one to go back to without loading
RETRY_S, RETRY_MAX_S = 30.0, 600.0
NOT_ASKED = "not asked yet; serving what served last"
ACCEPTED = "is served although other versions of the libraries wrote it: MLOPS_ACCEPT_LIBRARIES names it"
log = logging.getLogger(__name__)


class Rows(Protocol):
    """What the state database asks for, and where refusals are kept."""

    def read(self) -> dict[str, Wanted]:
        """Use case: its versions by the promotion rows."""

    def record_refusal(self, use_case: str, version: int, reason: str) -> None:
        """Keep why a version does not serve."""


@dataclass(frozen=True, eq=False)
class Served:
    """A version and its model, loaded; `note` says what a person should know about it."""

    version: int
    model: Model
    note: str = ""


@dataclass(frozen=True)
class Arms:
    """Who answers for one use case.

    `problems` maps where to what: 'champion' and 'challenger' say why the wanted version does not serve, 'registry' why
    it cannot be asked, 'alias' how its alias differs from the promotion row.
    """

    champion: Served | None = None
    challenger: Served | None = None
    degraded: bool = False
    problems: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Refusal:
    """Why a version does not serve, after how many tries, and when it is tried again."""

    reason: str
    tries: int
    until: float


class Models:
    """The arms of every use case.

    Parameters
    ----------
    clock : callable
        Seconds that never go back, for the pauses between two tries of a version that was refused.

    Attributes
    ----------
    copies : Copies
        The local copies, and behind them the registry.
    before_swap : callable
        Takes a use case and the arms that it is about to get.
    """

    def __init__(
        self, use_cases: Iterable[str], copies: Copies, rows: Rows, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.copies = copies
        self._rows = rows
        self._clock = clock
        self._turn = threading.Lock()
        self._arms = {name: Arms() for name in use_cases}
        self._loaded: dict[str, dict[int, Served]] = {name: {} for name in self._arms}
        self._refused: dict[tuple[str, int], Refusal] = {}
        self._noted = {name: {"registry": NOT_ASKED} for name in self._arms}
        self._aliases = {name: self._remembered(name) for name in self._arms}
        self._rows_asked: dict[str, Wanted] = {}
        self.before_swap: Callable[[str, Arms], None] = lambda _name, _arms: None
        self.follow()

    def of(self, use_case: str) -> Arms:
        """Who answers now; one reference, so that a request never sees half a change."""
        return self._arms[use_case]

    def ready(self) -> list[str]:
        """Use cases that have a champion."""
        return [name for name, arms in self._arms.items() if arms.champion is not None]

    def follow(self) -> None:
        """Serve what the rows ask for, as far as it is in memory or proven on this machine."""
        with self._turn:
            rows = self._rows.read()
            for name, before in self._arms.items():
                after = self._arrange(name, rows[name], before)
                if after == before:
                    continue
                swapped = _versions(after) != _versions(before)
                if swapped:
                    self.before_swap(name, after)
                self._arms[name] = after
                if swapped:
                    log.info("%s: now serving %s", name, _versions(after))
                    self._remember(name, after)
                    self.copies.prune(name, {*vars(rows[name]).values(), *self._loaded[name]})

    def ask(self) -> None:
        """Ask the registry for the aliases; fetch and prove what is wanted and is not proven yet.

        Raises
        ------
        RegistryError, OSError
            If it did not answer, after every use case had its turn.
        """
        rows, failed = self._rows.read(), None
        for name in self._arms:
            try:
                self._noted[name] = self._ask_aliases(name, rows[name])
            except (RegistryError, OSError) as error:
                self._noted[name], failed = {"registry": str(error)}, error
            wanted = self._wanted(name, rows[name])
            for version in (wanted.champion, wanted.challenger):
                if version is not None and version not in self._loaded[name]:
                    self._prepare(name, version)
        if failed is not None:
            raise failed

    def refresh(self) -> None:
        """One whole look, as the two threads take it; a registry that is away is a problem of the arms, no error."""
        with suppress(RegistryError, OSError):  # `ask` noted it
            self.ask()
        self.follow()

    def _wanted(self, name: str, row: Wanted) -> Wanted:
        return row if row.champion is not None else self._aliases[name]

    def _arrange(self, name: str, row: Wanted, before: Arms) -> Arms:
        """The arms that follow from what is wanted.

        A champion that does not serve leaves the old one in place, and at the start the one that served last; a
        challenger that does not serve leaves its place empty, since the evidence asked for is about this very one.
        """
        wanted, problems = self._wanted(name, row), dict(self._noted[name])
        champion = self._bring(name, wanted.champion, "champion", problems) or before.champion
        champion = champion or self._bring(name, self._aliases[name].champion, "champion", {})
        challenger = self._bring(name, wanted.challenger, "challenger", problems)
        if champion is not None and challenger is not None and challenger.version == champion.version:
            challenger = None
        self._forget(name)
        return Arms(champion, challenger, bool(problems), problems)

    def _bring(self, name: str, version: int | None, alias: Alias, problems: dict[str, str]) -> Served | None:
        """The version, from memory or from its proven copy; None, with the reason where there is one, when not."""
        if version is None:
            return None
        served = self._loaded[name].pop(version, None) or self._open(name, version)
        if served is not None:
            self._loaded[name][version] = served  # the last in use is the last to be forgotten
        elif (name, version) in self._refused:
            problems[alias] = self._refused[name, version].reason
        if served is not None and served.note:
            problems[alias] = served.note
        return served

    def _open(self, name: str, version: int) -> Served | None:
        try:
            model = self.copies.open(name, version)
        except Exception as error:  # noqa: BLE001 - a copy that was damaged since is proven anew, and fetched if need be
            self.copies.distrust(name, version)
            self._refuse(name, version, error, tries_free=1)
            return None
        if model is None:
            return None
        self._refused.pop((name, version), None)
        accepted = (name, version) in self.copies.accepted
        return Served(version, model, f"version {version} {ACCEPTED}" if accepted else "")

    def _forget(self, name: str) -> None:
        for version in list(self._loaded[name])[:-LOADED_KEPT]:
            del self._loaded[name][version]

    def _ask_aliases(self, name: str, row: Wanted) -> dict[str, str]:
        """Read the aliases; what is wrong with them.

        Right after a promotion the alias lags behind its row; one that was behind at the last look too is a problem.
        """
        found = {alias: self.copies.registry.version_by_alias(name, alias) for alias in ALIASES}
        self._aliases[name] = Wanted(**{alias: one.version for alias, one in found.items() if one is not None})
        champion, before = self._aliases[name].champion, self._rows_asked.get(name)
        self._rows_asked[name] = row
        if row.champion is None and champion is None and self._arms[name].champion is not None:
            return {"alias": "no version carries the alias champion; the last one keeps serving"}
        if row.champion is not None and champion != row.champion and before == row:
            named = f"names version {champion}" if champion is not None else "is missing"
            return {
                "alias": f"the alias champion {named}, the promotion row version {row.champion}; mlops run mends it"
            }
        return {}

    def _prepare(self, name: str, version: int) -> None:
        """Have the version proven, unless it is, or was refused a moment ago."""
        refusal = self._refused.get((name, version))
        if self.copies.is_proven(name, version) or (refusal is not None and self._clock() < refusal.until):
            return
        try:
            self.copies.prove(name, version)
        except RegistryError as error:
            self._noted[name] = {**self._noted[name], "registry": str(error)}
        except Exception as error:  # noqa: BLE001 - whatever a candidate raises, the models in use must go on
            self._refuse(name, version, error)

    def _refuse(self, name: str, version: int, error: Exception, tries_free: int = 0) -> None:
        before = self._refused.get((name, version))
        tries = before.tries + 1 if before is not None else 1
        pause_s = min(RETRY_S * 2 ** (tries - 1), RETRY_MAX_S) if tries > tries_free else 0.0
        reason = f"version {version} does not serve: {error}"
        self._rows.record_refusal(name, version, str(error))
        self._refused[name, version] = Refusal(reason, tries, self._clock() + pause_s)
        log.warning("%s: %s", name, reason)

    def _remembered(self, name: str) -> Wanted:
        """What served last, as if the registry had said it."""
        pointer = self.copies.folder / name / POINTER
        try:
            return Wanted(**json.loads(pointer.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return Wanted()
        except (ValueError, TypeError) as error:
            log.warning("%s is not read: %s", pointer, error)
            return Wanted()

    def _remember(self, name: str, arms: Arms) -> None:
        pointer = self.copies.folder / name / POINTER
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=pointer.parent, delete=False) as file:
            json.dump(_versions(arms), file)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(pointer)


def _versions(arms: Arms) -> dict[str, int]:
    served = {"champion": arms.champion, "challenger": arms.challenger}
    return {alias: one.version for alias, one in served.items() if one is not None}
