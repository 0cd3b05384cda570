"""A change of champion: the row first, the registry's alias second, so that a crash between leaves the row as truth."""

from collections.abc import Collection
from typing import Any

from mlops_assets.spec import UseCase
from resources.failpoint import reach
from resources.installation import Installation
from resources.registry import Registry
from resources.state import promotions
from resources.state.promotions import Promotion, PromotionKind
from resources.state.retrains import challenger_version


def change_champion(
    installation: Installation,
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
    """
    with installation.state.write() as connection:
        row = promotions.promote(
            connection,
            use_case.name,
            to_version,
            expected=expected,
            kind=kind,
            reason=reason,
            at=installation.clock(),
            by=by,
            verdict_id=verdict_id,
        )
    reach("promoted_before_alias")
    reconcile(installation, use_case)
    return row


def reconcile(installation: Installation, use_case: UseCase) -> dict[str, int | None]:
    """The registry's aliases, set to what the state database says; None where there is no such version."""
    with installation.state.read() as connection:
        wanted: dict[str, int | None] = {
            "champion": promotions.current(connection, use_case.name),
            "challenger": challenger_version(connection, use_case.name),
        }
    for alias, version in wanted.items():
        _point(installation.registry, use_case.name, alias, version)
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


def _point(registry: Registry, name: str, alias: str, version: int | None) -> None:
    found: Any = registry.version_by_alias(name, alias)
    if version is None and found is not None:
        registry.drop_alias(name, alias)
    elif version is not None and (found is None or found.version != version):
        registry.set_alias(name, alias, version)
