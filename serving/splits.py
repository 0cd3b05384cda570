"""The split of each use case, kept in memory; read again, and moved along its ramp, in the background."""

from collections.abc import Callable, Iterable
from datetime import datetime

from mlops_assets.spec import UseCase
from resources.state import routing
from resources.state.database import State
from resources.state.experiment import Routing, split_due
from resources.state.routing import Wanted


class Splits:
    """Splits of the use cases; every process that serves reads the same rows."""

    def __init__(self, use_cases: Iterable[UseCase], state: State, clock: Callable[[], datetime]) -> None:
        self._use_cases = {one.name: one for one in use_cases}
        self._state = state
        self._clock = clock
        self._challengers: dict[str, int | None] = {}
        with state.write() as connection:
            self._known = {
                name: routing.open_routing(connection, one, at=clock()) for name, one in self._use_cases.items()
            }

    def of(self, use_case: str) -> Routing:
        """The split that holds now."""
        return self._known[use_case]

    def refresh(self) -> None:
        """Read what other processes changed, then take the steps that are due."""
        with self._state.read() as connection:
            found = routing.read_routings(connection, list(self._known))
        for one in found.values():
            self._learn(one)
        for name in self._known:
            if self._is_due(name):
                with self._state.write() as connection:
                    advanced = routing.advance_ramp(connection, name, at=self._clock())
                self._learn(advanced)

    def change(self, use_case: str, wanted: Wanted, *, expected: int | None, by: str) -> Routing:
        """The split after a change; `expected` None means: whatever version there is.

        Raises
        ------
        ConflictError
            If the version is not `expected` any more.
        ValueError
            If the use case's file could not say what is wanted.
        """
        with self._state.write() as connection:
            changed = routing.change_routing(
                connection, self._use_cases[use_case], wanted, expected=expected, at=self._clock(), by=by
            )
        self._learn(changed)
        return changed

    def follow_challenger(self, use_case: str, version: int | None) -> None:
        """Tell which version is about to be arm B, before it is; its ramp has begun when this returns."""
        if version is not None and version != self._challengers.get(use_case):
            with self._state.write() as connection:
                met = routing.meet_challenger(connection, use_case, version, at=self._clock())
            self._learn(met)
        self._challengers[use_case] = version

    def _is_due(self, use_case: str) -> bool:
        """True where the challenger of the ramp serves here, and the ramp is beyond the split in force."""
        known = self._known[use_case]
        serves = known.challenger is not None and known.challenger == self._challengers.get(use_case)
        return serves and known.kind == "canary" and split_due(known, self._clock()) > known.split_b

    def _learn(self, found: Routing) -> None:
        if found.version >= self._known[found.use_case].version:
            self._known[found.use_case] = found
