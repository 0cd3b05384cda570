"""The keys of callers, kept in memory so that a request costs no query; `refresh` reads them again."""

from collections.abc import Callable
from datetime import datetime, timedelta

from resources.state import keys
from resources.state.database import State

LAST_USED_EVERY = timedelta(minutes=1)


class KeyRing:
    """Keys as the state database had them at the last refresh.

    A key that was made or revoked counts from the next refresh on. While the database is away the keys read last stay,
    and still expire.
    """

    def __init__(self, state: State, clock: Callable[[], datetime]) -> None:
        self._state = state
        self._clock = clock
        self._known: dict[str, keys.Key] = {}
        self._used: dict[str, datetime] = {}
        self._written_at = clock()
        self.refresh()

    def check(self, text: str) -> keys.Key | None:
        """The key that `text` proves; None when it proves none."""
        now = self._clock()
        key = keys.check(self._known, text, now)
        if key is not None:
            self._used[key.id] = now
        return key

    def refresh(self) -> None:
        """Read the keys, then note the last uses, these at most once in LAST_USED_EVERY."""
        with self._state.read() as connection:
            self._known = {key.id: key for key in keys.all_keys(connection)}
        if self._used and self._clock() - self._written_at >= LAST_USED_EVERY:
            used, self._used, self._written_at = self._used, {}, self._clock()
            with self._state.write() as connection:
                keys.mark_used(connection, used)
