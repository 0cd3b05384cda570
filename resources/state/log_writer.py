"""The prediction log's own connection: rows in, one transaction at a time.

On SQLite one connection writes at a time, and one that finds it taken sleeps in growing steps up to 100 ms. Processes
that log stand in a line instead, a lock file beside the database, which wakes the next one at once. PostgreSQL lets
them write side by side.
"""

import fcntl
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from resources.state.database import State, marks
from resources.state.late_scores import encode_values, fill
from resources.state.log_statements import any_labelled, fill_many, run_many
from resources.state.prediction import Prediction, Side, Value
from resources.state.predictions import INSERT, Encoded
from resources.state.traffic import count_answers
from resources.state.units import Met

WAIT_S = 5.0
MET_MAX = 50_000  # units remembered, some 15 MB
FOUND = "SELECT 1 FROM predictions WHERE prediction_id = ?"


class LogWriteError(RuntimeError):
    """Rows that are not committed; `refused`: the database is well, it does not take these rows."""

    def __init__(self, cause: Exception, refused: bool) -> None:
        super().__init__(f"{type(cause).__name__}: {' '.join(str(getattr(cause, 'orig', None) or cause).split())}")
        self.refused = refused


class Line:
    """Those who log into one database, one after the other; the system frees the place of a process that dies."""

    def __init__(self, state: State) -> None:
        alone = state.engine.dialect.name == "sqlite"
        path = f"{state.engine.url.database}-log.lock"
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600) if alone else None

    def __enter__(self) -> None:
        if self._file is not None:
            fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Leave for good."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def own_connection(state: State) -> Any:
    """A connection of the driver that belongs to the caller, who closes it."""
    pooled = state.engine.raw_connection()
    connection = pooled.dbapi_connection
    pooled.detach()
    return connection


class LogWriter:
    """Commits groups of rows; used by one thread at a time.

    Parameters
    ----------
    state : State
        The log's own, whose connections say how durable a commit is and how long it waits for others.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._dialect = state.engine.dialect
        self._line = Line(state)
        self._connection: Any = None
        self._found = marks(FOUND, self._dialect)
        self._met: set[Met] = set()  # committed

    def append(self, rows: Sequence[Prediction], values: Sequence[Encoded]) -> None:
        """Commit rows, with their `values` as `encode` gives them, and count them.

        Raises
        ------
        LogWriteError
            If nothing was committed, or it is not known that it was.
        """
        try:
            try:
                self._commit(rows, values)
            except Exception as error:  # each driver has its own; what is no lost connection is raised again
                if not self._lost(error):
                    raise
                # The database may have taken the rows before it went: their ids tell, so nothing is written twice.
                if not self._is_logged(rows[0].prediction_id):
                    self._commit(rows, values)
        except (self._driver.Error, sa.exc.SQLAlchemyError, TimeoutError) as error:
            raise self._failure(error) from error

    def fill(self, side: Side, values: Sequence[tuple[str, Value]]) -> None:
        """Commit what the version that did not answer says, as `late_scores.fill` does.

        Labels seldom come before these values; where none did, a few statements of the driver do.

        Raises
        ------
        LogWriteError
            If nothing was committed, or it is not known that it was: a value that is there stays, so write it again.
        """
        encoded = encode_values(values)
        if not encoded:
            return
        try:
            if not self._fill_unlabelled(side, encoded):
                with self._line, self._state.write() as connection:
                    fill(connection, side, values)
        except (self._driver.Error, sa.exc.SQLAlchemyError, TimeoutError) as error:
            self._lost(error)
            raise self._failure(error) from error

    def close(self) -> None:
        """Close the connection."""
        self._drop()
        self._line.close()

    @property
    def _driver(self) -> Any:
        return self._dialect.loaded_dbapi

    def _commit(self, rows: Sequence[Prediction], values: Sequence[Encoded]) -> None:
        with self._alone() as cursor:
            run_many(cursor, INSERT, values, self._dialect.name)
            # Last: on PostgreSQL others wait for these few rows.
            met = count_answers(rows, lambda text, rows: run_many(cursor, text, rows, self._dialect.name), self._met)
        self._remember(met)

    def _remember(self, met: list[Met]) -> None:
        """Units that need no look the next time, as long as they are not too many."""
        if len(self._met) + len(met) > MET_MAX:
            self._met.clear()
        self._met.update(met)

    def _fill_unlabelled(self, side: Side, encoded: Sequence[tuple[str | None, str]]) -> bool:
        """False, and nothing written, when one of these predictions has its label already."""
        with self._alone() as cursor:
            if any_labelled(cursor, [prediction_id for _, prediction_id in encoded], self._dialect.name):
                return False
            fill_many(cursor, side, encoded, self._dialect.name)
        return True

    @contextmanager
    def _alone(self) -> Iterator[Any]:
        """A cursor in a transaction of the driver, committed at the end."""
        waiting_since = time.monotonic()
        with self._line:
            if time.monotonic() - waiting_since > WAIT_S:
                raise TimeoutError("other processes that log were too slow")
            connection = self._connection = self._connection or self._open()
            cursor = connection.cursor()
            try:
                if self._dialect.name == "sqlite":
                    cursor.execute("BEGIN IMMEDIATE")
                yield cursor
                connection.commit()
            except BaseException:  # a stop from the keyboard must leave no open transaction either
                self._undo(connection)
                raise

    def _failure(self, error: Exception) -> LogWriteError:
        unreachable = (self._driver.OperationalError, self._driver.InterfaceError, TimeoutError)
        return LogWriteError(error, refused=not isinstance(getattr(error, "orig", None) or error, unreachable))

    def _open(self) -> Any:
        connection = own_connection(self._state)
        if self._dialect.name == "postgresql":
            connection.cursor().execute(f"SET lock_timeout = '{WAIT_S:g}s'; SET statement_timeout = '{2 * WAIT_S:g}s'")
            connection.commit()
        return connection

    def _undo(self, connection: Any) -> None:
        try:
            connection.rollback()
        except self._driver.Error:
            self._drop()

    def _lost(self, error: Exception) -> bool:
        """True when the connection is gone, such as after a restart of the database."""
        if not isinstance(error, self._driver.Error):
            return False
        if self._connection is not None and not self._dialect.is_disconnect(error, self._connection, None):
            return False
        self._drop()
        return True

    def _is_logged(self, prediction_id: str) -> bool:
        connection = self._connection = self._connection or self._open()
        cursor = connection.cursor()
        cursor.execute(self._found, (prediction_id,))
        found = cursor.fetchone() is not None
        connection.rollback()
        return found

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
