"""The prediction log: a row is committed before its answer goes out, and rows that wait at one moment share a commit.

There is no writer thread: requests commit as a `Group`, one of them for all. A thread that writes for all costs each
request two wake-ups more.

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
from collections.abc import Callable
from typing import Any, Literal

from resources.state import parking
from resources.state.database import State
from resources.state.disk_sync import DiskSync
from resources.state.log_writer import WAIT_S, LogWriteError, LogWriter
from resources.state.predictions import Prediction, Side, Value, encode
from resources.state.truth import Truths
from serving.errors import NotReadyError
from serving.group import Group, Member
from serving.intake import count_labels
from serving.repeater import Repeater

Mode = Literal["sync", "fsync", "async"]
Late = tuple[Side, list[tuple[str, Value]]]
TURN_S = 2 * WAIT_S  # the one before may have waited for another process
ROOM_S = 1.0  # how long a request waits for room in the queue
FLUSH_S = 0.02
AGAIN_S = 1.0
CLOSE_S = 8.0
log = logging.getLogger(__name__)


class _Waiting(Member):
    """The rows of one request, or late values; `error` says why they were not committed, once it is `done`."""

    __slots__ = ("error", "late", "rows", "values")

    def __init__(self, rows: list[Prediction], late: Late | None = None) -> None:
        super().__init__()
        self.rows = rows
        self.late = late
        self.values = [encode(row) for row in rows]
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
        self._queue: deque[_Waiting] = deque()  # answered already, in mode async
        self._rows = 0
        self._door = threading.Lock()  # guards the two above
        self._group = Group(self._work)
        self._late_error: Exception | None = None
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
        one = _Waiting(rows)
        if not self._finds_room(one):
            self._group.take_part(_Waiting([]), ROOM_S)  # after those who wait
            if not self._finds_room(one):
                raise NotReadyError(f"{self._rows} rows wait for the prediction log already; try again")
        if self._deferred and len(rows) <= self._buffer_rows:
            self._queue.append(one)
            return
        self._see_committed(one)

    def fill(self, side: Side, values: list[tuple[str, Value]]) -> None:
        """Write what the version that did not answer says, a list of (prediction_id, value).

        Raises
        ------
        LogWriteError
            If it is not known that they are written.
        """
        one = _Waiting([], (side, values))
        if not self._group.take_part(one, TURN_S):
            raise LogWriteError(TimeoutError("the prediction log is too slow at the moment"), refused=False)
        if one.error is not None:
            raise one.error

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

    def _finds_room(self, one: _Waiting) -> bool:
        """False when too many rows wait; a request larger than the whole buffer may come when nobody waits."""
        with self._door:
            if self._rows and self._rows + len(one.rows) > self._buffer_rows:
                return False
            self._rows += len(one.rows)
        return True

    def _leave(self, those: list[_Waiting]) -> None:
        with self._door:
            self._rows -= sum(len(one.rows) for one in those)

    def _see_committed(self, one: _Waiting) -> None:
        """Return when the rows are committed, by this thread or by the one that led its group."""
        if not self._group.take_part(one, TURN_S):
            if not one.taken:
                self._leave([one])
            raise NotReadyError("the prediction log is too slow at the moment; try again")
        if isinstance(one.error, LogWriteError):
            raise NotReadyError(f"the prediction log cannot be written: {one.error}") from one.error
        if one.error is not None:
            raise one.error

    def _work(self, taken: list[_Waiting]) -> None:
        """Commit what a group brings, and what was answered already; then late values, which nobody waits for."""
        deferred = [self._queue.popleft() for _ in range(len(self._queue))]
        if rows := [one for one in (*deferred, *taken) if one.rows]:
            self._commit(rows)
        for one in taken:
            if one.late is not None:
                one.error = self._try(self._writer.fill, *one.late)
        self._leave(taken)
        self._settle(deferred)

    def _settle(self, deferred: list[_Waiting]) -> None:
        """Have rows that nobody waits for wait on where the database is away, and count those it refused as lost."""
        again = [one for one in deferred if isinstance(one.error, LogWriteError) and not one.error.refused]
        self._queue.extendleft(reversed(again))
        self._late_error = again[0].error if again else None
        settled = [one for one in deferred if one not in again]
        self._leave(settled)
        for one in settled:
            if one.error is not None:
                self.lost += len(one.rows)
                log.error("%d answered rows are lost: %s", len(one.rows), one.error)

    def _commit(self, taken: list[_Waiting]) -> None:
        """One transaction for all; when it is refused, one for each request, so that none can spoil its neighbours."""
        error = self._append(taken)
        alone = isinstance(error, LogWriteError) and error.refused and len(taken) > 1
        for one in taken:
            one.error = self._append([one]) if alone else error

    def _append(self, taken: list[_Waiting]) -> Exception | None:
        rows, values = [row for one in taken for row in one.rows], [value for one in taken for value in one.values]
        return self._try(self._writer.append, rows, values)

    def _try(self, write: Callable[..., None], *given: Any) -> Exception | None:
        try:
            write(*given)
        except Exception as error:  # noqa: BLE001 - handed to the requests that wait
            return error
        self.commits += 1
        if self._disk is not None:
            self._disk.committed()
        return None

    def _flush(self) -> None:
        """Write what was answered already.

        Raises
        ------
        LogWriteError
            If the database is away.
        """
        if not self._group.take_part(_Waiting([]), TURN_S):
            raise LogWriteError(TimeoutError("the prediction log is too slow at the moment"), refused=False)
        if self._late_error is not None:
            raise self._late_error
