"""One installation opened: settings, state database, lake, registry and clock as one value.

Dagster's code server imports this module at every start, so that what it opens is imported at first use.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from mlops_assets.spec import UseCase
from resources.settings import Settings

if TYPE_CHECKING:
    from resources.lake import Lake
    from resources.registry import Registry
    from resources.state.database import State


def utc_now() -> datetime:
    """The time, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Installation:
    """What the graph and the commands work on; connections open at first use."""

    settings: Settings
    use_cases: dict[str, UseCase]
    clock: Callable[[], datetime] = field(default=utc_now)

    @cached_property
    def state(self) -> "State":
        """The state database."""
        from resources.state.database import State

        return State(self.settings.state_address)

    @cached_property
    def lake(self) -> "Lake":
        """Bytes and tables."""
        from resources.lake import Lake

        return Lake(self.settings.lake_root)

    @cached_property
    def registry(self) -> "Registry":
        """The model registry."""
        from resources.registry import Registry

        return Registry(self.settings.mlflow_address, self.settings.artifact_root)
