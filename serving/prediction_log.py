"""The prediction log, written before the answer goes out: one writer thread, many rows a transaction."""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import sqlalchemy as sa

from resources.state import feedback
from resources.state.database import State
from resources.state.predictions import Prediction, insert, use_cases_of
from serving.errors import NotReadyError

WAITING_MAX = 1000
REQUESTS_PER_COMMIT = 200
WAIT_S = 10.0

Waiting = tuple[list[Prediction], "Future[None]"]


class PredictionLog:
    """Rows of concurrent requests share a commit, so that one sync of the disk serves many of them.

    Parameters
    ----------
    normalise : callable
        Takes a use case's name and a truth, gives the label; for feedback that came before its prediction.
    """

    def __init__(self, state: State, normalise: Callable[[str, Any], Any]) -> None:
        self._state = state
        self._normalise = normalise
        self._waiting: queue.Queue[Waiting | None] = queue.Queue(WAITING_MAX)
        self._thread = threading.Thread(target=self._run, name="prediction-log", daemon=True)
        self._thread.start()

    def append(self, rows: list[Prediction]) -> None:
        """Return when the rows are committed.

        Raises
        ------
        NotReadyError
            If they could not be written in time; the caller must not give the answer away then.
        """
        done: Future[None] = Future()
        try:
            self._waiting.put((rows, done), timeout=WAIT_S)
            done.result(timeout=WAIT_S)
        except (queue.Full, TimeoutError) as error:
            raise NotReadyError("the prediction log is too slow at the moment; try again") from error
        except sa.exc.SQLAlchemyError as error:
            raise NotReadyError(f"the prediction log cannot be written: {type(error).__name__}") from error

    def depth(self) -> int:
        """Requests that wait for the writer."""
        return self._waiting.qsize()

    def close(self) -> None:
        """Write what waits, then end the thread."""
        self._waiting.put(None)
        self._thread.join(WAIT_S)

    def _run(self) -> None:
        while (first := self._waiting.get()) is not None:
            taken, last = [first], False
            while len(taken) < REQUESTS_PER_COMMIT and not self._waiting.empty():
                following = self._waiting.get()
                if following is None:
                    last = True
                    break
                taken.append(following)
            self._commit(taken)
            if last:
                return

    def _commit(self, taken: list[Waiting]) -> None:
        """One transaction for all; when it fails, each request on its own, so that one cannot spoil its neighbours."""
        try:
            self._write([row for rows, _ in taken for row in rows])
        except Exception as error:  # noqa: BLE001 - handed to the requests that wait
            unreachable = isinstance(error, sa.exc.OperationalError)
            for one in taken:
                one[1].set_exception(error) if unreachable or len(taken) == 1 else self._commit([one])
            return
        for _, done in taken:
            done.set_result(None)

    def _write(self, rows: list[Prediction]) -> None:
        with self._state.write() as connection:
            insert(connection, rows)
            known = {row.prediction_id: row.use_case for row in rows}
            feedback.attach(connection, known, self._normalise)

    def attach_parked(self) -> int:
        """Record feedback whose prediction another process wrote meanwhile; how many events."""
        with self._state.read() as connection:
            known = use_cases_of(connection, feedback.parked_ids(connection))
        if not known:
            return 0
        with self._state.write() as connection:
            return feedback.attach(connection, known, self._normalise)
