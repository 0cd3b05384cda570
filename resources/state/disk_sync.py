"""Rows that SQLite committed without waiting for the disk (`synchronous=NORMAL`) brought there in the background.

A committed row survives the death of every process, for the system holds it. A power cut may take what was committed
after the last `run`. The write-ahead log is folded into the database here too, so that no request waits for that.
"""

import os
import time
from pathlib import Path
from typing import Any

from resources.state.database import State
from resources.state.log_writer import Line, own_connection

LATE_S = 5.0  # a disk that takes nothing for so long is as good as broken
CHECKPOINT_COMMITS = 100  # about the 1,000 pages after which SQLite would do it in the middle of a commit
WAL_PAGES_MAX = 16_384  # 64 MiB; only then is it started anew, for which writers must wait some milliseconds
SHORT_WAIT_MS = 20


class DiskSync:
    """Tells the log whether its rows reach the disk.

    Attributes
    ----------
    trouble : str | None
        Why the last run failed; None when it did not.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._wal = Path(f"{state.engine.url.database}-wal")
        self._line = Line(state)
        self._connection: Any = None
        self._commits = 0
        self._waiting_since: float | None = None
        self._running_since: float | None = None
        self.trouble: str | None = None

    def committed(self) -> None:
        """Note that there is something to bring to the disk."""
        self._commits += 1
        if self._waiting_since is None:
            self._waiting_since = time.monotonic()

    def problem(self) -> str | None:
        """Why nothing more should be committed, in words; None while all is well."""
        if self.trouble is not None:
            return self.trouble
        oldest = self._running_since or self._waiting_since
        if oldest is not None and time.monotonic() - oldest > LATE_S:
            return f"the disk has taken nothing for {LATE_S:g} s"
        return None

    def run(self) -> None:
        """Bring everything committed so far to the disk.

        Raises
        ------
        OSError, sqlite3.Error
            If the disk refuses; `problem` tells it until a later run succeeds.
        """
        if self._waiting_since is None:
            return
        self._running_since, self._waiting_since = self._waiting_since, None
        try:
            self._sync()
            self._checkpoint()
        except Exception as error:  # whatever it is, the rows are not on the disk; raised again
            self._waiting_since = self._running_since
            self.trouble = f"{type(error).__name__}: {error}"
            raise
        else:
            self.trouble = None
        finally:
            self._running_since = None

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
        self._line.close()

    def _sync(self) -> None:
        try:
            file = os.open(self._wal, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return  # whoever closed the database last folded it in, and synced that
        try:
            os.fdatasync(file)
        finally:
            os.close(file)

    def _checkpoint(self) -> None:
        if self.trouble is None and self._commits < CHECKPOINT_COMMITS:
            return
        self._commits = 0
        _, pages = self._fold("PASSIVE")
        if self.trouble is None and pages < WAL_PAGES_MAX:
            return
        # A page whose write failed counts as clean afterwards, so a second sync alone proves nothing: every page is
        # written again, into the database. Under constant load only this lets the write-ahead log start anew.
        with self._line:
            busy, _ = self._fold("RESTART")
        if busy and self.trouble is not None:
            raise OSError("a reader keeps the write-ahead log from being written again")

    def _fold(self, mode: str) -> tuple[int, int]:
        """Whether somebody was in the way, and the pages of the write-ahead log."""
        if self._connection is None:
            self._connection = own_connection(self._state)
            self._connection.execute(f"PRAGMA busy_timeout={SHORT_WAIT_MS}")
        busy, pages, _ = self._connection.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
        return busy, pages
