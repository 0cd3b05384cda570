"""Counts that several processes share without a server: a storage of the library `limits` in one SQLite file.

Nothing here must survive a power cut, so nothing waits for the disk. An increment is one statement, hence atomic.
"""

import sqlite3
import threading
import time
from pathlib import Path

from limits.storage import Storage

BUSY_TIMEOUT_S = 1.0
PURGE_EVERY_S = 60.0
TABLE = "CREATE TABLE IF NOT EXISTS counts (key TEXT PRIMARY KEY, count INTEGER NOT NULL, expires REAL NOT NULL)"
INCREMENT = """
INSERT INTO counts VALUES (:key, :amount, :expires)
ON CONFLICT (key) DO UPDATE SET
  count = CASE WHEN expires <= :now THEN 0 ELSE count END + :amount,
  expires = CASE WHEN expires <= :now THEN :expires ELSE expires END
RETURNING count
"""


class SqliteCounts(Storage):
    """Counters with an end, by key; times are seconds since the epoch."""

    STORAGE_SCHEME = ["sqlite"]  # noqa: RUF012  the base class declares it so

    def __init__(self, uri: str, wrap_exceptions: bool = True) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions)
        path = Path(uri.removeprefix("sqlite://"))
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=OFF")
        self._connection.execute(TABLE)
        self._purge_at = 0.0

    @property
    def base_exceptions(self) -> type[Exception]:
        """What the database raises."""
        return sqlite3.Error

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """The count after adding to it; a count whose `expiry` seconds are over begins again."""
        now = time.time()
        values = {"key": key, "amount": amount, "now": now, "expires": now + expiry}
        with self._lock:
            if now >= self._purge_at:
                self._connection.execute("DELETE FROM counts WHERE expires <= ?", (now,))
                self._purge_at = now + PURGE_EVERY_S
            return int(self._connection.execute(INCREMENT, values).fetchone()[0])

    def get(self, key: str) -> int:
        """The count, 0 when there is none or its time is over."""
        return int(self._row(key)[0])

    def get_expiry(self, key: str) -> float:
        """When the count begins again; now when there is none."""
        return float(self._row(key)[1])

    def check(self) -> bool:
        """True when the file answers."""
        with self._lock:
            return bool(self._connection.execute("SELECT 1").fetchone())

    def reset(self) -> int:
        """Forget every count; how many there were."""
        with self._lock:
            return self._connection.execute("DELETE FROM counts").rowcount

    def clear(self, key: str) -> None:
        """Forget one count."""
        with self._lock:
            self._connection.execute("DELETE FROM counts WHERE key = ?", (key,))

    def _row(self, key: str) -> tuple[int, float]:
        query = "SELECT count, expires FROM counts WHERE key = ? AND expires > ?"
        now = time.time()
        with self._lock:
            found: tuple[int, float] | None = self._connection.execute(query, (key, now)).fetchone()
        return found or (0, now)
