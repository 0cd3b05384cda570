"""Refused requests on their way to the audit table: a few rows a minute, then one row that counts the others.

Rows wait in memory and are written by `flush` in the background, so that being refused costs no transaction and an
attacker can fill neither the disk nor the page: ROWS_A_MINUTE + 1 rows a minute and process, whatever happens.
"""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from resources.state.audit import Change, record
from resources.state.database import State
from serving.errors import AWAY

ROWS_A_MINUTE = 10
MINUTE = timedelta(minutes=1)


class Refusals:
    """What was refused since the last flush."""

    def __init__(self, state: State, clock: Callable[[], datetime]) -> None:
        self._state = state
        self._clock = clock
        self._lock = threading.Lock()
        self._rows: list[Change] = []
        self._room = ROWS_A_MINUTE
        self._beyond: Counter[str] = Counter()
        self._minute_began = clock()

    def note(self, who: str, route: str, request_id: str, role: str | None, status: int) -> None:
        """Keep one refusal in mind."""
        with self._lock:
            if self._room > 0:
                self._room -= 1
                change = Change(who, "refused", self._clock(), None, None, {"status": status}, role, route, request_id)
                self._rows.append(change)
            else:
                self._beyond[str(status)] += 1

    def flush(self, last: bool = False) -> None:
        """Write what waits; once a minute, and the `last` time, also the count of those that got no row."""
        with self._lock:
            rows, self._rows = self._rows, []
            if last or self._clock() - self._minute_began >= MINUTE:
                beyond, self._beyond = self._beyond, Counter()
                self._room, self._minute_began = ROWS_A_MINUTE, self._clock()
                if beyond:
                    rows.append(Change("several", "refused", self._clock(), after={"statuses": dict(beyond)}))
        if rows:
            self._write(rows)

    def _write(self, rows: list[Change]) -> None:
        """Write rows; while the database is away they wait on."""
        try:
            with self._state.write() as connection:
                for row in rows:
                    record(connection, row)
        except AWAY:
            with self._lock:
                self._rows = rows + self._rows
            raise
