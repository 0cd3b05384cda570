"""A change of champion: the row first, the registry's alias second, so that a crash between leaves the row as truth.

The row is enough: the router follows it. A registry that is away therefore stops no rollback; `reconcile` moves the
alias when it is back.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Protocol

from mlops_assets.spec import UseCase
from resources.failpoint import reach
from resources.installation import Installation
from resources.registry import RegistryError, Version
from resources.state import promotions
from resources.state.database import State
from resources.state.promotions import Promotion, PromotionKind
from resources.state.retrains import challenger_version


class AliasLagsError(RegistryError):
    """The change holds, and the alias does not show it yet."""

    def __init__(self, row: Promotion, error: Exception) -> None:
        super().__init__(
            f"version {row.to_version} of {row.use_case!r} is champion; its alias follows when the registry answers "
            f"(mlops run sets it): {error}"
        )
        self.row = row


class Aliases(Protocol):
    """What is asked of the registry."""

    def version_by_alias(self, name: str, alias: str) -> Version | None:
        """The version that carries an alias."""

    def set_alias(self, name: str, alias: str, version: int) -> None:
        """Move an alias to a version."""

    def drop_alias(self, name: str, alias: str) -> None:
        """Take an alias away."""


class Parts(Protocol):
    """What a change works on; an Installation is one, a router another."""

    @property
    def state(self) -> State:
        """The state database."""

    @property
    def registry(self) -> Aliases:
        """The model registry."""

    @property
    def clock(self) -> Callable[[], datetime]:
        """The time."""


def change_champion(
    parts: Parts,
    use_case: UseCase,
    to_version: int,
    *,
    expected: int | None,
    kind: PromotionKind,
    reason: str,
    by: str,
    verdict_id: int | None = None,
) -> Promotion:
    """Make `to_version` champion in place of `expected`.

    Raises
    ------
    ConflictError
        If another writer changed the champion meanwhile.
    AliasLagsError
        If the change is made and the registry did not take it; nothing needs to be done again.
    """
    watched = kind == "promote" and use_case.routing.paired
    with parts.state.write() as connection:
        row = promotions.promote(
            connection,
            use_case.name,
            to_version,
            expected=expected,
            kind=kind,
            reason=reason,
            at=parts.clock(),
            by=by,
            verdict_id=verdict_id,
            watch_labels=use_case.decision.watch_labels if watched else 0,
        )
    reach("promoted_before_alias")
    try:
        reconcile(parts, use_case)
    except (RegistryError, OSError) as error:
        raise AliasLagsError(row, error) from error
    return row


def reconcile(parts: Parts, use_case: UseCase) -> dict[str, int | None]:
    """The registry's aliases, set to what the state database says; None where there is no such version."""
    with parts.state.read() as connection:
        wanted: dict[str, int | None] = {
            "champion": promotions.current(connection, use_case.name),
            "challenger": challenger_version(connection, use_case.name),
        }
    for alias, version in wanted.items():
        _point(parts.registry, use_case.name, alias, version)
    return wanted


def reconcile_all(installation: Installation, names: Collection[str] = ()) -> None:
    """Aliases of every use case that had a champion, as after a crash between row and alias; `names`: only these."""
    for name, use_case in installation.use_cases.items():
        if names and name not in names:
            continue
        with installation.state.read() as connection:
            champion = promotions.current(connection, name)
        if champion is not None:
            reconcile(installation, use_case)


def _point(registry: Aliases, name: str, alias: str, version: int | None) -> None:
    found = registry.version_by_alias(name, alias)
    if version is None and found is not None:
        registry.drop_alias(name, alias)
    elif version is not None and (found is None or found.version != version):
        registry.set_alias(name, alias, version)
