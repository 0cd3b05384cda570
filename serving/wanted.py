"""What the state database asks for: the champion by the promotion rows, the one before it, the version under test."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from resources.state import audit, promotions
from resources.state.database import State
from resources.state.retrains import challenger_version

REFUSE = "refuse version"
BY = "router"


@dataclass(frozen=True)
class Wanted:
    """Versions of one use case; None where there is none."""

    champion: int | None = None
    challenger: int | None = None
    previous: int | None = None


class Rows:
    """The rows, read whole when a promotion came, and at least every `reread_s` seconds.

    Asking whether one came is one look at an index, so the rows are looked at ten times a second and the registry once.
    """

    def __init__(
        self, use_cases: Iterable[str], state: State, now: Callable[[], datetime], reread_s: float = 1.0
    ) -> None:
        self._use_cases = tuple(use_cases)
        self._state = state
        self._now = now
        self._reread_s = reread_s
        self._known: tuple[int, float, dict[str, Wanted]] = (-1, 0.0, {})

    def read(self) -> dict[str, Wanted]:
        """Use case: what is wanted of it."""
        newest, until, wanted = self._known
        with self._state.read() as connection:
            found = promotions.newest(connection)
            if found != newest or time.monotonic() >= until:
                wanted = {
                    name: Wanted(
                        promotions.current(connection, name),
                        challenger_version(connection, name),
                        promotions.previous(connection, name),
                    )
                    for name in self._use_cases
                }
                self._known = found, time.monotonic() + self._reread_s, wanted
        return wanted

    def record_refusal(self, use_case: str, version: int, reason: str) -> None:
        """Leave an audit row, unless one of the newest says the same: every worker refuses, and refuses again."""
        after = {"version": version, "reason": reason}
        with self._state.write() as connection:
            last = audit.last_changes(connection, use_case)
            if not any(change.action == REFUSE and change.after == after for change in last):
                audit.record(connection, audit.Change(BY, REFUSE, self._now(), use_case, None, after))
