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
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal

from resources.state import parking
from resources.state.database import State
from resources.state.disk_sync import DiskSync
from resources.state.log_writer import WAIT_S, LogWriteError, LogWriter
from resources.state.prediction import Prediction, Side, Value
from resources.state.predictions import encode
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


class _Part:
    """The rows of one request; `error` says why they were not committed."""

    __slots__ = ("error", "rows", "values")

    def __init__(self, rows: list[Prediction]) -> None:
        self.rows = rows
        self.values = encode(rows)
        self.error: Exception | None = None


class _Waiting(Member):
    """What one thread brings: rows of requests, late values, or nothing but its wish to see others done."""

    __slots__ = ("error", "late", "parts", "rows")

    def __init__(self, parts: Sequence[_Part] = (), late: Late | None = None) -> None:
        super().__init__()
        self.parts = parts
        self.rows = sum(len(part.rows) for part in parts)
        self.late = late
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
        self._away: Exception | None = None  # why deferred rows wait on
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
        """Return when the rows of a request are as safe as the mode promises.

        Raises
        ------
        NotReadyError
            If they are not; the caller must not give the answer away then.
        """
        (error,) = self.append_each([rows])
        if error is not None:
            raise error

    def append_each(self, requests: Sequence[list[Prediction]]) -> list[Exception | None]:
        """What was in the way of each request's rows, None where they are as safe as the mode promises.

        Raises
        ------
        NotReadyError
            If none of them is.
        """
        problem = self._disk.problem() if self._disk is not None else None
        if problem is not None:
            raise NotReadyError(f"the prediction log does not reach the disk: {problem}")
        one = _Waiting([_Part(rows) for rows in requests])
        if not self._finds_room(one):
            self._group.take_part(_Waiting(), ROOM_S)  # after those who wait
            if not self._finds_room(one):
                raise NotReadyError(f"{self._rows} rows wait for the prediction log already; try again")
        if self._deferred and one.rows <= self._buffer_rows:
            self._queue.append(one)
        elif not self._group.take_part(one, TURN_S):
            if not one.taken:
                self._leave([one])
            raise NotReadyError("the prediction log is too slow at the moment; try again")
        return [_told(part.error) for part in one.parts]

    def fill(self, side: Side, values: list[tuple[str, Value]]) -> None:
        """Write what the version that did not answer says, a list of (prediction_id, value).

        Raises
        ------
        LogWriteError
            If it is not known that they are written.
        """
        one = _Waiting(late=(side, values))
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
            if self._rows and self._rows + one.rows > self._buffer_rows:
                return False
            self._rows += one.rows
        return True

    def _leave(self, those: Iterable[_Waiting]) -> None:
        with self._door:
            self._rows -= sum(one.rows for one in those)

    def _work(self, group: list[_Waiting]) -> None:
        """Commit what a group brings, and what was answered already; then late values, which nobody waits for."""
        deferred = [self._queue.popleft() for _ in range(len(self._queue))]
        if parts := [part for one in (*deferred, *group) for part in one.parts]:
            self._commit(parts)
        for one in group:
            if one.late is not None:
                one.error = self._try(self._writer.fill, *one.late)
        self._leave(group)
        self._settle(deferred)

    def _settle(self, deferred: list[_Waiting]) -> None:
        """Have rows that nobody waits for wait on where the database is away, and count those it refused as lost."""
        again, self._away = [], None
        for one in deferred:
            one.parts = [part for part in one.parts if part.error is not None]
            if away := next((part.error for part in one.parts if _is_away(part.error)), None):
                again.append(one)
                self._away = away
            else:
                lost = sum(len(part.rows) for part in one.parts)
                self._leave([one])
                if lost:
                    self.lost += lost
                    log.error("%d answered rows are lost: %s", lost, one.parts[0].error)
        self._queue.extendleft(reversed(again))

    def _commit(self, parts: list[_Part]) -> None:
        """One transaction for all; when it is refused, one for each request, so that none can spoil its neighbours."""
        error = self._append(parts)
        alone = error is not None and not _is_away(error) and len(parts) > 1
        for part in parts:
            part.error = self._append([part]) if alone else error

    def _append(self, parts: list[_Part]) -> Exception | None:
        rows, values = [row for part in parts for row in part.rows], [one for part in parts for one in part.values]
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
        if not self._group.take_part(_Waiting(), TURN_S):
            raise LogWriteError(TimeoutError("the prediction log is too slow at the moment"), refused=False)
        if self._away is not None:
            raise self._away


def _is_away(error: Exception | None) -> bool:
    """True when the database cannot be reached; False where it is well and does not take these rows."""
    return isinstance(error, LogWriteError) and not error.refused


def _told(error: Exception | None) -> Exception | None:
    """The error as its request meets it."""
    if not isinstance(error, LogWriteError):
        return error
    told = NotReadyError(f"the prediction log cannot be written: {error}")
    told.__cause__ = error
    return told
