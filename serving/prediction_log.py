"""The prediction log: a row is committed before its answer goes out, and rows that wait at one moment share a commit.

There is no writer thread. A request puts its rows into a queue and takes the lock of those who commit; whoever holds it
commits everything that waits, and the others find their rows done. A thread that writes for all, measured with eight
threads, cost 2.7 times the whole of a request's time, most of it for waking one another.

    mode    an answer goes out when its row is    a killed process loses      a power cut takes
    sync    committed                             nothing                     the rows of `sync_s`
    fsync   committed and on the disk             nothing                     nothing
    async   in the queue                          at most `buffer_rows`       those, and the rows of `sync_s`

On PostgreSQL `sync` and `fsync` are what its server's `synchronous_commit` says, which is on by default.
"""

import logging
import threading
import time
from collections import deque
from typing import Literal

from resources.state import parking
from resources.state.database import State
from resources.state.disk_sync import DiskSync
from resources.state.log_writer import WAIT_S, LogWriteError, LogWriter
from resources.state.predictions import Prediction, Side, Value, encode
from resources.state.truth import Truths
from serving.errors import NotReadyError
from serving.intake import count_labels
from serving.repeater import Repeater

Mode = Literal["sync", "fsync", "async"]
TURN_S = 2 * WAIT_S  # the one before may have waited for another process
ROOM_S = 1.0  # how long a request waits for room in the queue
FLUSH_S = 0.02
AGAIN_S = 1.0
CLOSE_S = 8.0
log = logging.getLogger(__name__)


class _Waiting:
    """The rows of one request; `awaited` when it waits for them, `error` why they were not committed, once `done`."""

    __slots__ = ("awaited", "done", "error", "rows", "values")

    def __init__(self, rows: list[Prediction], awaited: bool = True) -> None:
        self.awaited = awaited
        self.rows = rows
        self.values = [encode(row) for row in rows]
        self.done = False
        self.error: Exception | None = None


class PredictionLog:
    """Commits rows in groups.

    Parameters
    ----------
    state : State
        The database; the log opens connections of its own to it.
    truths : Truths
        For feedback that came before its prediction.
    buffer_rows : int
        Rows that may wait; further requests are refused until there is room.
    sync_s : float
        Seconds between two syncs of the disk.

    Attributes
    ----------
    commits : int
        Transactions so far.
    lost : int
        Rows whose answer went out in mode async and that the database refused.
    """

    def __init__(
        self, state: State, truths: Truths, mode: Mode = "sync", buffer_rows: int = 1000, sync_s: float = 0.1
    ) -> None:
        self.commits = self.lost = self._parked_after = 0
        self._truths = truths
        self._deferred = mode == "async"
        self._buffer_rows = buffer_rows
        self._queue: deque[_Waiting] = deque()
        self._rows = 0
        self._door = threading.Lock()  # guards the two above
        self._turn = threading.Lock()  # held by the one who commits
        synchronous = "FULL" if mode == "fsync" else "NORMAL"
        wait_ms = int(1000 * WAIT_S)
        self._state = State(state.url, synchronous=synchronous, wal_autocheckpoint=0, busy_timeout=wait_ms)
        self._writer = LogWriter(self._state)
        self._disk = DiskSync(self._state) if self._state.engine.dialect.name == "sqlite" else None
        self._repeaters: list[Repeater] = []
        if self._disk is not None:
            self._repeaters.append(Repeater("sync-log", self._disk.run, sync_s, slowest_s=AGAIN_S))
        if self._deferred:
            self._repeaters.append(Repeater("write-log", self._flush, FLUSH_S, slowest_s=AGAIN_S))
        for repeater in self._repeaters:
            repeater.start()

    def append(self, rows: list[Prediction]) -> None:
        """Return when the rows are as safe as the mode promises.

        Raises
        ------
        NotReadyError
            If they are not; the caller must not give the answer away then.
        """
        problem = self._disk.problem() if self._disk is not None else None
        if problem is not None:
            raise NotReadyError(f"the prediction log does not reach the disk: {problem}")
        one = _Waiting(rows, awaited=not self._deferred or len(rows) > self._buffer_rows)
        self._enter(one)
        if one.awaited:
            self._see_committed(one)

    def fill(self, side: Side, values: list[tuple[str, Value]]) -> None:
        """Write what the version that did not answer says, a list of (prediction_id, value)."""
        with self._turn:
            self._writer.fill(side, values)
        self._note_commit()

    def waiting(self) -> int:
        """Rows that are not committed yet."""
        return self._rows

    def attach_parked(self) -> int:
        """Record feedback that came before its prediction; how many events."""
        with self._state.read() as connection:
            ids, self._parked_after = parking.attachable(connection, self._parked_after)
        if not ids:
            return 0
        with self._state.write() as connection:
            recorded = parking.attach(connection, ids, self._truths)
        count_labels(recorded)
        return len(recorded.statuses)

    def close(self) -> None:
        """Write what waits, bring it to the disk, and end the threads."""
        for repeater in self._repeaters:
            repeater.stop()
        until = time.monotonic() + CLOSE_S
        while self._rows and time.monotonic() < until:
            try:
                self._flush()
            except LogWriteError as error:
                log.warning("%d rows wait for the prediction log: %s", self._rows, error)
                time.sleep(FLUSH_S)
        if self._disk is not None:
            self._disk.run()
            self._disk.close()
        self._writer.close()
        self._state.close()

    def _enter(self, one: _Waiting) -> None:
        """Join the queue, if need be after those in it."""
        if self._join(one):
            return
        if self._turn.acquire(timeout=ROOM_S):
            try:
                self._work()
            finally:
                self._turn.release()
        if not self._join(one):
            raise NotReadyError(f"{self._rows} rows wait for the prediction log already; try again")

    def _join(self, one: _Waiting) -> bool:
        """False when the queue is full; a request larger than the whole buffer may join when nobody waits."""
        with self._door:
            if self._rows and self._rows + len(one.rows) > self._buffer_rows:
                return False
            self._rows += len(one.rows)
            self._queue.append(one)
        return True

    def _see_committed(self, one: _Waiting) -> None:
        """Return when the rows are committed, by this thread or by the one whose turn it was."""
        if not self._turn.acquire(timeout=TURN_S):
            self._withdraw(one)
            raise NotReadyError("the prediction log is too slow at the moment; try again")
        try:
            if not one.done:
                self._work()
        finally:
            self._turn.release()
        if isinstance(one.error, LogWriteError):
            raise NotReadyError(f"the prediction log cannot be written: {one.error}") from one.error
        if one.error is not None:
            raise one.error

    def _withdraw(self, one: _Waiting) -> None:
        with self._door:
            if one in self._queue:
                self._queue.remove(one)
                self._rows -= len(one.rows)

    def _work(self) -> Exception | None:
        """Commit what waits; why some of it must wait on, when nobody is there to be told. The caller has the turn."""
        with self._door:
            taken = list(self._queue)
            self._queue.clear()
        if taken:
            self._commit(taken)
        again = [
            one for one in taken if not one.awaited and isinstance(one.error, LogWriteError) and not one.error.refused
        ]
        with self._door:
            self._queue.extendleft(reversed(again))
            self._rows -= sum(len(one.rows) for one in taken if one not in again)
        for one in taken:
            if one.error is not None and not one.awaited and one not in again:
                self.lost += len(one.rows)
                log.error("%d answered rows are lost: %s", len(one.rows), one.error)
        return again[0].error if again else None

    def _commit(self, taken: list[_Waiting]) -> None:
        """One transaction for all; when it is refused, one for each request, so that none can spoil its neighbours."""
        error = self._try(taken)
        alone = isinstance(error, LogWriteError) and error.refused and len(taken) > 1
        for one in taken:
            one.error = self._try([one]) if alone else error
            one.done = True

    def _try(self, taken: list[_Waiting]) -> Exception | None:
        rows, values = [row for one in taken for row in one.rows], [value for one in taken for value in one.values]
        try:
            self._writer.append(rows, values)
        except Exception as error:  # noqa: BLE001 - handed to the requests that wait
            return error
        self._note_commit()
        return None

    def _note_commit(self) -> None:
        self.commits += 1
        if self._disk is not None:
            self._disk.committed()

    def _flush(self) -> None:
        with self._turn:
            error = self._work()
        if error is not None:
            raise error
