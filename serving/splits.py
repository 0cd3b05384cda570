"""The split of each use case, kept in memory and read again in the background."""

from collections.abc import Callable, Iterable
from datetime import datetime

from mlops_assets.spec import UseCase
from resources.state.database import State
from resources.state.routing import Routing, change_routing, open_routing, read_routing


class Splits:
    """Splits of the use cases; every process that serves reads the same rows."""

    def __init__(self, use_cases: Iterable[UseCase], state: State, clock: Callable[[], datetime]) -> None:
        self._state = state
        self._clock = clock
        with state.write() as connection:
            self._known = {
                one.name: open_routing(connection, one.name, one.routing.split_b, at=clock(), by="spec")
                for one in use_cases
            }

    def of(self, use_case: str) -> Routing:
        """The split that holds now."""
        return self._known[use_case]

    def refresh(self) -> None:
        """Read what other processes changed."""
        with self._state.read() as connection:
            found = {name: read_routing(connection, name) for name in self._known}
        for name, routing in found.items():
            if routing is not None and routing.version >= self._known[name].version:
                self._known[name] = routing

    def change(self, use_case: str, split_b: float, *, expected: int | None, by: str) -> Routing:
        """The split after a change; `expected` None means: whatever version there is.

        Raises
        ------
        ConflictError
            If the version is not `expected` any more.
        """
        with self._state.write() as connection:
            if expected is None:
                current = read_routing(connection, use_case)
                expected = current.version if current else 0
            changed = change_routing(connection, use_case, split_b, expected=expected, at=self._clock(), by=by)
        self._known[use_case] = changed
        return changed
